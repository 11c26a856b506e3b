"""Where traces go: the file, and the variables by which OpenTelemetry is told everywhere."""

import pytest

from dome_contracts.schema.runtime.runtime_config import TracesConfig
from domed.config import ConfigError
from domed.config.traces import TraceSettings

FILE = TracesConfig(endpoint="http://file:4318/v1/traces", timeout_s=2)


def endpoint(**environ: str) -> str:
    return TraceSettings.of(FILE, environ).endpoint


def test_nothing_is_traced_where_nobody_says_where_to() -> None:
    assert TraceSettings.of(None, {}) == TraceSettings(endpoint="", service="domed", timeout_s=5, headers={})


def test_variables_go_before_the_file_and_the_narrower_one_first() -> None:
    both = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://all:4318/", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://own/x"}
    assert endpoint() == "http://file:4318/v1/traces"
    assert endpoint(OTEL_EXPORTER_OTLP_ENDPOINT="http://all:4318/") == "http://all:4318/v1/traces"
    assert endpoint(**both) == "https://own/x"


@pytest.mark.parametrize(
    "environ", [{"OTEL_SDK_DISABLED": "true"}, {"OTEL_TRACES_EXPORTER": "none"}, {"OTEL_TRACES_EXPORTER": "console"}]
)
def test_what_switches_traces_off_everywhere_does_so_here(environ: dict[str, str]) -> None:
    assert endpoint(**environ) == ""


def test_headers_are_read_as_others_read_them_and_never_shown() -> None:
    settings = TraceSettings.of(FILE, {"OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20word, x-team = a%2Cb"})
    assert settings.headers == {"authorization": "Bearer word", "x-team": "a,b"}
    assert "word" not in str(settings)


@pytest.mark.parametrize(
    "text",
    [
        "localhost:4318",
        "ftp://x/",
        "http://",
        "http://user:word@x/",
        "http://x:port/",
        "http://[x",
        "http://x/a b",
        "http://x/ä",
    ],
)
def test_an_address_that_is_none_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ConfigError) as raised:
        endpoint(OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=text)
    assert "word" not in str(raised.value)


@pytest.mark.parametrize("text", ["a=word%0d%0ab: c", "=word", "a b=word", "a=w%C3%B6rd", "a%0a=word"])
def test_headers_that_cannot_be_sent_are_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ConfigError) as raised:
        TraceSettings.of(FILE, {"OTEL_EXPORTER_OTLP_HEADERS": text})
    assert "word" not in str(raised.value)
    assert TraceSettings.of(None, {"OTEL_EXPORTER_OTLP_HEADERS": text}).headers == {}
