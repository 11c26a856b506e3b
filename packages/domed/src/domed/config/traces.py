"""Where traces go: the section `traces`, and the variables by which OpenTelemetry is told everywhere."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from dome_contracts.schema.runtime.runtime_config import TracesConfig
from domed.config.fault import ConfigError

_URL: Final = re.compile(r"[!-~]+")
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceSettings:
    """Where traces go, and by what name."""

    endpoint: str
    """Where spans are sent in OTLP over HTTP; empty: nowhere, and nothing is traced. The first of
    `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, `OTEL_EXPORTER_OTLP_ENDPOINT` with `/v1/traces`, and `traces.endpoint`; none
    where `OTEL_SDK_DISABLED` is `true` or `OTEL_TRACES_EXPORTER` is another than `otlp`."""
    service: str
    """Name of the daemon in traces: `OTEL_SERVICE_NAME`, else `domed`."""
    timeout_s: float
    """How long sending may take, in seconds: `traces.timeout_s`."""
    headers: Mapping[str, str] = field(repr=False)
    """Sent with the spans: `OTEL_EXPORTER_OTLP_TRACES_HEADERS`, else `OTEL_EXPORTER_OTLP_HEADERS`. May be secrets."""

    @classmethod
    def of(cls, section: TracesConfig | None, environ: Mapping[str, str]) -> "TraceSettings":
        """What holds. Raises ConfigError for an address that is none, and for headers that cannot be sent."""
        said = section or TracesConfig()
        endpoint = _endpoint(said.endpoint or "", environ)
        headers = environ.get("OTEL_EXPORTER_OTLP_TRACES_HEADERS") or environ.get("OTEL_EXPORTER_OTLP_HEADERS", "")
        return cls(
            endpoint=endpoint,
            service=environ.get("OTEL_SERVICE_NAME") or "domed",
            timeout_s=said.timeout_s,
            headers=_pairs(headers) if endpoint else {},
        )


def _endpoint(configured: str, environ: Mapping[str, str]) -> str:
    if environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return ""
    if environ.get("OTEL_TRACES_EXPORTER", "otlp") not in {"", "otlp"}:
        return ""
    base = environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "").rstrip("/")
    whole = environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") or (f"{base}/v1/traces" if base else configured)
    return _checked(whole) if whole else ""


def _checked(endpoint: str) -> str:
    try:
        parts = urlsplit(endpoint)
        usable = (
            parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
            and _URL.fullmatch(endpoint) is not None
        )  # fmt: skip
    except ValueError:
        usable = False
    if not usable:
        # Not shown: it may hold a password.
        raise ConfigError("the endpoint of traces is no address of http or https without user name: correct it")
    return endpoint


def _pairs(text: str) -> Mapping[str, str]:
    """`name=value` pairs, separated by commas and encoded as in addresses."""
    parts = (part.partition("=") for part in text.split(",") if part.strip())
    pairs = {unquote(name.strip()): unquote(value.strip()) for name, _, value in parts}
    for name, value in pairs.items():
        if _HEADER_NAME.fullmatch(name) is None or not (value.isascii() and value.isprintable()):
            # Not shown: it may be a secret.
            raise ConfigError("the headers for traces have one that HTTP does not take: write `name=value,name=value`")
    return pairs
