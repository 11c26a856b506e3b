"""Sends spans in OTLP over HTTP, once, within a time. What cannot be sent is lost, and the log says so once.

Needs the extra `otel`. Goes to the address that was configured and to no other: no redirect, no proxy.
"""

import http.client
import ssl
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from domed.telemetry.log import Log

MEDIA_TYPE: Final = "application/x-protobuf"
ANSWER_BYTES_MAX: Final = 64 * 1024
_GOOD: Final = range(200, 300)

log = Log("traces")


class OtlpSender(SpanExporter):
    """Sends to one endpoint. Called by one thread at a time."""

    def __init__(self, endpoint: str, *, headers: Mapping[str, str], timeout_s: float) -> None:
        parts = urlsplit(endpoint)
        self._endpoint = endpoint
        self._is_secure = parts.scheme == "https"
        self._place = parts.netloc
        self._path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        self._headers = {**headers, "Content-Type": MEDIA_TYPE}
        self._timeout_s = timeout_s
        self._lost = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send them, or lose them."""
        try:
            status = self._post(encode_spans(spans).SerializeToString())
        except (OSError, http.client.HTTPException) as error:
            return self._failed(len(spans), f"{type(error).__name__}: {error}")
        if status not in _GOOD:
            return self._failed(len(spans), f"status {status}")
        if self._lost:
            log.info("traces are sent again", endpoint=self._endpoint, lost=self._lost)
            self._lost = 0
        return SpanExportResult.SUCCESS

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Nothing is held here."""
        return True

    def shutdown(self) -> None:
        """Nothing is held here."""

    def _post(self, body: bytes) -> int:
        if self._is_secure:
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                self._place, timeout=self._timeout_s, context=ssl.create_default_context()
            )
        else:
            connection = http.client.HTTPConnection(self._place, timeout=self._timeout_s)
        try:
            connection.request("POST", self._path, body, self._headers)
            answer = connection.getresponse()
            answer.read(ANSWER_BYTES_MAX)
            return answer.status
        finally:
            connection.close()

    def _failed(self, count: int, why: str) -> SpanExportResult:
        if not self._lost:
            log.warning("traces cannot be sent and are lost", endpoint=self._endpoint, why=why)
        self._lost += count
        return SpanExportResult.FAILURE
