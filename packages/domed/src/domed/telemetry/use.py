"""The tracer that a configuration asks for. The library is loaded only where one is asked for."""

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Final

from domed.telemetry.log import Log
from domed.telemetry.tracing import Tracer

NEEDED: Final = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.common")
REMEDY: Final = "install the extra: pip install 'domed[otel]'"

log = Log("traces")


def tracer(endpoint: str, *, service: str, version: str, headers: Mapping[str, str], timeout_s: float) -> Tracer | None:
    """Sends to the endpoint. None without one, or without the library, which is said in the log."""
    if not endpoint:
        return None
    if not all(_is_there(name) for name in NEEDED):
        log.warning("traces are configured and OpenTelemetry is not installed: nothing is traced", remedy=REMEDY)
        return None
    from domed.telemetry.otel import OtelTracer
    from domed.telemetry.otlp import OtlpSender

    sender = OtlpSender(endpoint, headers=headers, timeout_s=timeout_s)
    log.info("traces are sent", endpoint=endpoint)
    return OtelTracer(sender, service=service, version=version)


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False
