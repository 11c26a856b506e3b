"""Texts of each format, and texts that nearly are. Both validators say which is which; this only has them ready."""

from typing import Final

SAMPLES: Final[dict[str, tuple[str, ...]]] = {
    "date-time": ("2020-01-31T12:00:00Z", "2020-01-31T12:00:00.5+01:30", "1985-12-31T23:59:59-08:00"),
    "date": ("2020-01-31", "1999-12-01", "2024-02-29"),
    "time": ("12:00:00Z", "23:59:59.25+01:00"),
    "duration": ("P1D", "PT1H", "P1Y2M3DT4H5M6S", "P4W"),
    "email": ("a@b.example", "first.last@mail.example.org", "a@b.co"),
    "idn-email": ("\u00e4@b.example", "\uc2e4\ub840@\uc2e4\ub840.\ud14c\uc2a4\ud2b8"),
    "hostname": ("a", "example.org", "a-b.example", "xn--nxasmq6b.example"),
    "idn-hostname": ("m\u00fcller.example", "\uc2e4\ub840.\ud14c\uc2a4\ud2b8"),
    "ipv4": ("127.0.0.1", "10.0.0.255", "0.0.0.0"),
    "ipv6": ("::1", "2001:db8::ff", "::ffff:192.168.0.1"),
    "uri": ("urn:a", "http://example.org/", "https://example.org/a?b=c#d", "mailto:a@b.example"),
    "uri-reference": ("/a/b", "a", "#a", "../x?y"),
    "iri": ("http://example.org/\u00e4", "urn:\u00e4"),
    "iri-reference": ("/\u00e4", "\u00e4"),
    "uuid": ("00000000-0000-0000-0000-000000000000", "123e4567-e89b-12d3-a456-426614174000"),
    "uri-template": ("/a/{b}", "http://example.org/{id}", "{+a}"),
    "json-pointer": ("", "/a", "/a~1b/0"),
    "relative-json-pointer": ("0", "1/a", "0#"),
    "regex": ("^a+$", "[a-z]", "a|b"),
}
"""Valid texts, the plainest first."""

SPOILT: Final[tuple[str, ...]] = (
    "a",
    "",
    "not ok",
    "\u00e4",
    "2020-13-45",
    "2020-02-30",
    "2020-01-31T25:00:00Z",
    "2020-01-31 12:00:00",
    "25:00:00Z",
    "12:00:00",
    "P",
    "1D",
    "P1D2H",
    "@",
    "a@",
    "@b.example",
    "a..b",
    "-a.example",
    "a_b.example",
    "256.0.0.1",
    "127.0.0",
    "::g",
    "1::2::3",
    "http://exa mple.org",
    "http://[a",
    "//\\",
    "%zz",
    "00000000-0000-0000-0000-00000000000g",
    "00000000000000000000000000000000",
    "{a",
    "/a~2",
    "a/b",
    "01",
    "-1",
    "[",
    "(",
    "^(a+$",
)
"""Texts that some format refuses."""


def of_formats(formats: tuple[str, ...]) -> tuple[str, ...]:
    """Texts of these formats, then those of the others: a text may have two formats."""
    first = [text for name in formats for text in SAMPLES.get(name, ())]
    return (*first, *(text for name, texts in SAMPLES.items() if name not in formats for text in texts))
