"""What all errors that a caller is told have in common."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from dome_contracts.errors.v1 import ErrorReason


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """One place of a request that breaks a rule."""

    field: str
    """Field of the message, then a JSON pointer into the document where it holds one: `input/pattern`."""
    description: str


class DomedError(Exception):
    """An error that a caller is told. `metadata` has the keys that the catalogue lists for the reason."""

    reason: ClassVar[ErrorReason]

    def __init__(self, message: str, metadata: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.metadata = dict(metadata or {})
