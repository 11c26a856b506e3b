"""The languages of texts: what patterns have in common, and what tells them apart. Knows no schemas."""

from dome_spec.contracts.compatibility.strings.question import (
    EMPTY,
    Answer,
    Empty,
    Found,
    StringQuestion,
    Unknown,
    find,
    several,
)
from dome_spec.contracts.compatibility.strings.syntax import PatternUnsupported

__all__ = [
    "EMPTY",
    "Answer",
    "Empty",
    "Found",
    "PatternUnsupported",
    "StringQuestion",
    "Unknown",
    "find",
    "several",
]
