"""Which documents a schema accepts. The one meaning of "accepts" in the engine: jsonschema-rs, formats asserted.

The reference validator is asked only to confirm what is to be shown to somebody. Compares no schemas.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from weakref import WeakKeyDictionary

from jsonschema_rs import ValidationError, ValidationErrorKind

from dome_spec.contracts.compatibility.pointers import pointer
from dome_spec.contracts.compatibility.reference import ReferenceJudge
from dome_spec.contracts.compatibility.schema import Schema

_BY_NAME: Final = frozenset({"$defs", "properties", "patternProperties", "dependentSchemas"})
"""Keywords whose schemas have names."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a schema refuses a document: the first fault that is found."""

    place: str
    """JSON pointer of the refused part of the document."""
    keyword: str
    schema_place: str
    """JSON pointer of the keyword."""
    way: tuple[str | int, ...]
    """How the keyword is come upon from the top of the schema, through every reference."""
    message: str
    alternatives: tuple[tuple["Refusal", ...], ...] = ()
    """Where none of several alternatives fits: what speaks against each."""


class _Judges:
    """The two validators of one schema, each built when it is first asked."""

    def __init__(self, schema: Schema) -> None:
        self._document = schema.document
        self._has_categories = "p{" in schema.text.lower()
        self.first = schema.validator
        """The one that says what is accepted."""

    @cached_property
    def second(self) -> ReferenceJudge:
        """The one that confirms."""
        return ReferenceJudge(self._document, has_categories=self._has_categories)


_JUDGES: Final[WeakKeyDictionary[Schema, _Judges]] = WeakKeyDictionary()
"""Kept for as long as the schema is: one is compared with many."""


class Acceptance:
    """Which documents one schema accepts, by two validators. What is not asked for is not built."""

    def __init__(self, schema: Schema) -> None:
        self._judges = _JUDGES.setdefault(schema, _Judges(schema))

    def accepts(self, document: Any) -> bool:
        """Whether the schema accepts the document."""
        return self._judges.first.is_valid(document)

    def refusal(self, document: Any) -> Refusal | None:
        """Why the schema refuses the document, or None where it accepts it."""
        for error in self._judges.first.iter_errors(document):
            return _refusal(error)
        return None

    def confirms_acceptance(self, document: Any) -> bool:
        """Whether the reference validator says too that the schema accepts the document."""
        return self._judges.second.verdict(document) is True

    def confirms_refusal(self, document: Any) -> bool:
        """Whether the reference validator says too that the schema refuses the document."""
        return self._judges.second.verdict(document) is False


def _refusal(error: ValidationError) -> Refusal:
    path = list(error.schema_path)
    return Refusal(
        place=pointer(error.instance_path),
        keyword=_keyword(path),
        schema_place=pointer(path),
        way=tuple(error.evaluation_path),
        message=error.message,
        alternatives=tuple(tuple(map(_refusal, faults)) for faults in _alternatives(error)),
    )


def _alternatives(error: ValidationError) -> list[list[ValidationError]]:
    if isinstance(error.kind, ValidationErrorKind.AnyOf | ValidationErrorKind.OneOfNotValid):
        return error.kind.context
    return []


def _keyword(path: list[str | int]) -> str:
    """The last keyword of the path; `false` where a schema refuses everything and no keyword stands before it."""
    keyword, named = "false", False
    for part in path:
        if named or isinstance(part, int):
            named = False
        else:
            keyword, named = part, part in _BY_NAME
    return "false" if keyword == "$defs" else keyword
