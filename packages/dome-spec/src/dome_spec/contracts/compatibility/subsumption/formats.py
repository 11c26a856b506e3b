"""What is known about the formats that the validator asserts.

A sample list for each: texts that have the format and texts that nearly have it, from which examples are taken. And a
shape for some: a pattern that every text of the format matches, so that a contradiction with other keywords is seen.
What is claimed here is tested against the validator.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Format:
    """One format: texts to try, and patterns that enclose it from without and from within."""

    samples: tuple[str, ...]
    shape: str | None = None
    """Every text of the format matches it."""
    kernel: str | None = None
    """Every text that matches it has the format."""
    includes: tuple[str, ...] = ()
    """Formats all of whose texts have this format as well."""


_UUIDS: Final = ("00000000-0000-4000-8000-000000000000", "123e4567-e89b-12d3-a456-426614174000")
_UUID: Final = "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$"
_URIS: Final = ("a:", "https://a.example/b", "urn:a:b", "http://a.example/?b=c#d", "mailto:a@b.example")
_URI: Final = "^[a-z][a-z0-9+.-]*://[a-z0-9-]+([.][a-z0-9-]+)*(:[0-9]{1,4})?(/[A-Za-z0-9._~-]*)*$"
_NAMES: Final = ("a", "a.example", "b-1.example", "localhost", "x1")
_NAME: Final = "^[a-z0-9]{1,20}([.][a-z0-9]{1,20}){0,4}$"
_MAILS: Final = ("a@b.example", "first.last@a.example", "a@b")
_MAIL: Final = "^[a-z0-9]{1,20}([.][a-z0-9]{1,20}){0,1}@[a-z]{1,20}([.][a-z]{1,20}){0,3}$"
_BYTE: Final = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_DATE: Final = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
_TIME: Final = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?(Z|[+-](0[0-9]|1[0-2]):[0-5][0-9])"
# The validator takes some other characters for digits: `*000-01-01` is a date to it.
_DATE_LIKE: Final = "[!-~]{4}-[!-~]{2}-[!-~]{2}"
_TIME_LIKE: Final = "[!-~]{2}:[!-~]{2}:[!-~]{2}"
_POINTER: Final = "^(/([^/~]|~[01])*)*$"

FORMATS: Final[Mapping[str, Format]] = {
    "date": Format(("2000-01-01", "1999-12-31", "2024-02-29"), shape=f"^{_DATE_LIKE}$", kernel=f"^{_DATE}$"),
    "time": Format(
        ("00:00:00Z", "23:59:59Z", "12:00:00+01:00", "12:00:00.5Z"),
        shape=f"^{_TIME_LIKE}",
        kernel=f"^{_TIME}$",
    ),
    "date-time": Format(
        ("2000-01-01T00:00:00Z", "1999-12-31T23:59:59.5Z", "2024-02-29T12:00:00+01:00"),
        shape=f"^{_DATE_LIKE}.{_TIME_LIKE}",
        kernel=f"^{_DATE}T{_TIME}$",
    ),
    "duration": Format(
        ("P1D", "PT1S", "P1Y2M3DT4H5M6S", "P2W"), shape="^P", kernel="^P(T[0-9]{1,9}[HMS]|[0-9]{1,9}[YMWD])$"
    ),
    "email": Format(_MAILS, shape="@", kernel=_MAIL),
    "idn-email": Format((*_MAILS, "\u00e4@\u00f6.example"), shape="@", kernel=_MAIL),
    "hostname": Format(_NAMES, shape="^.{1,255}$", kernel=_NAME),
    "idn-hostname": Format((*_NAMES, "\u00e4.example")),
    "ipv4": Format(
        ("0.0.0.0", "127.0.0.1", "255.255.255.255", "10.1.2.3"),
        shape=f"^{_BYTE}([.]{_BYTE}){{3}}$",
        kernel=f"^{_BYTE}([.]{_BYTE}){{3}}$",
    ),
    "ipv6": Format(
        ("::", "::1", "2001:db8::1", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4"), shape="^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$"
    ),
    "uri": Format(_URIS, shape="^[A-Za-z][A-Za-z0-9+.-]*:", kernel=_URI),
    "uri-reference": Format((*_URIS, "", "a", "/a/b", "#c", "?d"), kernel="^[A-Za-z0-9/._~-]*$", includes=("uri",)),
    "iri": Format((*_URIS, "https://a.example/\u00e4"), kernel=_URI),
    "iri-reference": Format((*_URIS, "", "a", "/\u00e4", "#c"), kernel="^[A-Za-z0-9/._~-]*$"),
    "uri-template": Format(("", "a", "https://a.example/{b}", "{?q}"), kernel="^[A-Za-z0-9/._~-]*$"),
    "json-pointer": Format(("", "/a", "/a/0", "/a~1b"), shape=_POINTER, kernel=_POINTER),
    "relative-json-pointer": Format(
        ("0", "1/a", "0#", "2/b/0"), shape="^[0-9]", kernel="^(0|[1-9][0-9]{0,3})(/[a-z]*)*$"
    ),
    "regex": Format(("", "a", "^a$", "[0-9]+", "a|b"), kernel=r"^[^\\()\[\]{}*+?]*$"),
    "uuid": Format(_UUIDS, shape=_UUID, kernel=_UUID),
}
"""The formats that are asserted; any other name asserts nothing."""

NEAR_MISSES: Final = (
    "",
    "a",
    "0",
    " ",
    "-",
    "(",
    "{",
    "\\",
    "a b",
    "2000-13-01",
    "25:00:00Z",
    "1.2.3",
    ":",
    "/~",
    "\u00e4",
    "%",
)
"""Texts that lack most formats."""
