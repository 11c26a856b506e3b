"""The one home of the canonical forms of jsonschema-rs: a second prover, and a description of what differs.

It decides what needs no reasoning about patterns and recursion. Only its YES is taken for an answer.
"""

import json
from typing import Any, Final
from weakref import WeakKeyDictionary

from jsonschema_rs import CanonicalSchema, Draft202012, ReferencingError, ValidationError, canonicalize
from jsonschema_rs.canonical import CanonicalizationError, Containment

from dome_spec.contracts.compatibility.schema import Schema

DIFFERENCE_CHARS_MAX: Final = 20_000
"""Longest description of a difference that is of use; beyond it, it lists cases and shows nothing."""
_FORMS: Final[WeakKeyDictionary[Schema, CanonicalSchema | None]] = WeakKeyDictionary()
"""Kept for as long as the schema is: one is compared with many."""


def covers(wider: Schema, narrower: Schema) -> bool:
    """Whether it is proven that the one accepts all that the other accepts. False says nothing."""
    wide, narrow = _form(wider), _form(narrower)
    if wide is None or narrow is None:
        return False
    try:
        return wide.covers(narrow) == Containment.YES
    except CanonicalizationError:
        return False


def difference(narrower: Schema, wider: Schema) -> tuple[Any, ...]:
    """JSON Schemas of what the one accepts and the other does not; none where that has no form."""
    narrow, wide = _form(narrower), _form(wider)
    if wide is None or narrow is None:
        return ()
    try:
        found = narrow.subtract(wide).to_json_schema()
    except CanonicalizationError:
        return ()
    return (found,) if len(json.dumps(found)) <= DIFFERENCE_CHARS_MAX else ()


def _form(schema: Schema) -> CanonicalSchema | None:
    if schema not in _FORMS:
        if _overflows(json.dumps(schema.document)):
            _FORMS[schema] = None
            return None
        try:
            _FORMS[schema] = canonicalize(schema.document, draft=Draft202012, validate_formats=True)
        except (CanonicalizationError, ReferencingError, ValidationError):
            _FORMS[schema] = None
    return _FORMS[schema]


def _overflows(text: str) -> bool:
    """Whether the canonical form might never end: `unevaluated*` beside a recursive reference exhausts the stack."""
    return '"unevaluated' in text and ('"$ref"' in text or '"$dynamicRef"' in text)
