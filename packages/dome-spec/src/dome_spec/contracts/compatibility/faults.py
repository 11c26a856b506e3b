"""Why a document is refused as a schema: the kinds of fault, and the one error that carries them. Decides nothing."""

from enum import StrEnum


class SchemaFault(StrEnum):
    """What is wrong with a document that should be a schema."""

    MALFORMED = "MALFORMED"
    """It is no JSON document, or gives one name to two things."""
    TOO_LARGE = "TOO_LARGE"
    """It, or what its references pull in, exceeds a limit of size."""
    TOO_DEEP = "TOO_DEEP"
    """It is nested beyond the limit."""
    UNRESOLVED_REFERENCE = "UNRESOLVED_REFERENCE"
    """A reference leads nowhere."""
    CYCLIC_REFERENCE = "CYCLIC_REFERENCE"
    """References lead back to where they began without reading any further in the document."""
    UNKNOWN_DIALECT = "UNKNOWN_DIALECT"
    """`$schema` names a dialect that is not known."""
    NOT_A_SCHEMA = "NOT_A_SCHEMA"
    """It is JSON, and not valid as a schema of its dialect."""


class SchemaRefused(Exception):
    """A document cannot be taken as a schema.

    `place` is a JSON pointer into the document that was given; where the fault stands in another document, its name
    and `#` come first.
    """

    def __init__(self, reason: SchemaFault, place: str, *, what: str, remedy: str) -> None:
        super().__init__(f"{reason} at {place or 'the top'}: {what} {remedy}")
        self.reason = reason
        self.place = place
        self.what = what
        self.remedy = remedy
