"""What can be wrong with a source of schemas.

SourceError
├── SourceNotFound   neither a file, a directory nor a revision
├── SourceRefused    there, and not to be read: remote, YAML, no JSON, no schema, outside of its tree
├── SourceTooLarge   more than a limit allows
└── SourceEmpty      readable, and no schema in it
"""

from collections.abc import Sequence
from typing import Final

_UNREAD_SHOWN_MAX: Final = 3


class SourceError(Exception):
    """What is wrong, and what to do about it."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}. {remedy}")
        self.what = what
        self.remedy = remedy


class SourceNotFound(SourceError):
    """Nothing has this name."""


class SourceRefused(SourceError):
    """It is there and is not read."""


class SourceTooLarge(SourceError):
    """It exceeds a limit."""


class SourceEmpty(SourceError):
    """No schema is in it."""

    def __init__(self, origin: str, skipped_count: int, unread: Sequence[str] = ()) -> None:
        what = f"there is no schema in {origin} ({skipped_count} other JSON files were skipped)"
        what += f"; could not be read: {'; '.join(unread[:_UNREAD_SHOWN_MAX])}" if unread else ""
        remedy = "A schema has `$schema`, `$id`, `$defs`, `properties` or a JSON Schema `type`. Name another place."
        super().__init__(what, remedy)
