"""The words that generated schemas and documents are made of. Few of each, so that two schemas meet."""

from random import Random
from typing import Any, Final, TypeVar

NAMES: Final = ("a", "b", "c", "kind", "x-a")
NUMBERS: Final = (-1, 0, 1, 2, 3, 5, 10, 0.5, 2.5, 1.0, 9007199254740993, 1e21)
COUNTS: Final = (0, 1, 2, 3)
STEPS: Final = (1, 2, 3, 5, 0.5, 0.1, 1.5)
PATTERNS: Final = (
    "^a", "a$", "^a*$", "^[a-c]+$", "^[a-z]{1,3}$", "b", "^x-", "^(a|b)$", "^[^a]*$", "[0-9]", r"^\d{2}$", r"^\w+$",
    "^a.c$", "(ab)+", "^.{0,2}$", "",
    "^(?!x-)", r"^\p{Ll}+$", r"\bb", "^(a|ab)c?$", "^a(?=b)",
)  # fmt: skip
FORMATS: Final = (
    "date", "date-time", "time", "duration", "email", "hostname", "ipv4", "ipv6", "uri", "uri-reference", "uuid",
    "json-pointer", "regex", "iri", "uri-template", "relative-json-pointer", "idn-hostname", "int32",
)  # fmt: skip
TEXTS: Final = (
    "", "a", "b", "ab", "abc", "aa", "aaaa", "x-a", "12", "a1c", "c", "2020-01-31", "2020-01-31T12:00:00Z", "::1",
    "127.0.0.1", "urn:a", "a@b.co", "00000000-0000-0000-0000-000000000000", "/a", "P1D", "12:00:00Z", "\u00e4", "a\n",
    "\U0001f600", "\u0663",
)  # fmt: skip
VALUES: Final[tuple[Any, ...]] = (
    None, True, False, 0, 1, 2, -1, 3, 10, 0.5, 2.5, 1.0, 6, 15, "a", "b", "ab", "", [], [1], ["a"], {}, {"a": 1},
    {"a": "a"}, [1, 1], [None, "a"], {"kind": "a", "a": 1}, {"b": 1, "x-a": 2}, 9007199254740993,
)  # fmt: skip
TYPES: Final = ("null", "boolean", "integer", "number", "string", "array", "object")

T = TypeVar("T")


def some(chance: Random, words: tuple[T, ...], least: int = 1, most: int = 3) -> list[T]:
    """A few different words."""
    return chance.sample(words, min(len(words), chance.randint(least, most)))


def likely(chance: Random, percent: int) -> bool:
    """Whether something of this likelihood happens."""
    return chance.randrange(100) < percent
