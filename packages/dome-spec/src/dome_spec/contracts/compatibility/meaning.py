"""Changes of meaning: what no document can show, because both schemas accept the same.

Compares annotations where places of the two schemas correspond. A keyword that asserts something is not its business,
but for values added to an enumeration: who reads by the old schema does not know them.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from dome_spec.contracts.compatibility import rules
from dome_spec.contracts.compatibility.annotations import ABSENT, Place, TooManyPlaces, corresponding
from dome_spec.contracts.compatibility.schema import Schema
from dome_spec.contracts.compatibility.sharing import shared
from dome_spec.contracts.compatibility.values import Change, Direction

CHECKED_FORMATS: Final = frozenset(
    {
        "date", "date-time", "duration", "email", "hostname", "idn-email", "idn-hostname", "ipv4", "ipv6", "iri",
        "iri-reference", "json-pointer", "regex", "relative-json-pointer", "time", "uri", "uri-reference",
        "uri-template", "uuid",
    }
)  # fmt: skip
"""Formats that validators check. Another one is an annotation."""

_RULE_OF: Final = {
    "default": "default",
    "x-dome-tier": "tier",
    "description": "description",
    "deprecated": "deprecated",
    "readOnly": "read-only",
    "writeOnly": "write-only",
    "contentEncoding": "content",
    "contentMediaType": "content",
    "contentSchema": "content",
    "format": "format-annotation",
}
_FALSE_IS_ABSENT: Final = frozenset({"deprecated", "readOnly", "writeOnly"})
_NOT_ANNOTATIONS: Final = frozenset(
    {
        "$anchor", "$comment", "$defs", "$dynamicAnchor", "$dynamicRef", "$id", "$ref", "$schema", "$vocabulary",
        "additionalProperties", "allOf", "anyOf", "const", "contains", "definitions", "dependentRequired",
        "dependentSchemas", "else", "enum", "examples", "exclusiveMaximum", "exclusiveMinimum", "if", "items",
        "maxContains", "maxItems", "maxLength", "maxProperties", "maximum", "minContains", "minItems", "minLength",
        "minProperties", "minimum", "multipleOf", "not", "oneOf", "pattern", "patternProperties", "prefixItems",
        "properties", "propertyNames", "required", "then", "title", "type", "unevaluatedItems",
        "unevaluatedProperties", "uniqueItems",
    }
)  # fmt: skip


def meaning_changes(
    old: Schema, new: Schema, direction: Direction, *, both: frozenset[str] | None = None
) -> list[Change]:
    """The changes of meaning, each with its place in the new schema as it was written; outer places first.

    `both` are the references that lead to the same in both, where that was found out before.
    """
    both = shared(old.document, new.document) if both is None else both
    found: dict[tuple[str, str], Change] = {}
    try:
        for before, after in corresponding(old.document, new.document, both):
            for change in _at(before, after, direction):
                found.setdefault((change.place, change.rule), change)
    except TooManyPlaces as error:
        found["", rules.UNDECIDED.id] = _not_all_compared(error, direction)
    return [replace(change, place=new.source_place(change.place)) for change in found.values()]


def _not_all_compared(error: TooManyPlaces, direction: Direction) -> Change:
    rule = rules.UNDECIDED
    return Change(
        verdict=rule.verdict,
        rule=rule.id,
        direction=_towards(direction),
        place="",
        what=f"Not all annotations could be compared. What stands in the way: {error}.",
        remedy=rule.remedy,
    )


def _towards(direction: Direction) -> Direction:
    return Direction.FORWARD if direction is Direction.FORWARD else Direction.BACKWARD


def _at(before: Place, after: Place, direction: Direction) -> Iterator[Change]:
    towards = _towards(direction)
    for keyword in {**before.keywords(), **after.keywords()}:
        if keyword in _NOT_ANNOTATIONS:
            continue
        left, right = _said(keyword, before), _said(keyword, after)
        if _same(keyword, left, right):
            continue
        rule = rules.meaning(_RULE_OF.get(keyword, "annotation"))
        what = f"`{keyword}` {_moved(left, right)}. {rule.what}"
        place = after.pointer(keyword)
        yield Change(verdict=rule.verdict, rule=rule.id, direction=towards, place=place, what=what, remedy=rule.remedy)
    if direction is Direction.BACKWARD and before.asserted and after.asserted:
        yield from _growth(before, after)


def _said(keyword: str, place: Place) -> Any:
    """What the place says by this keyword; what says nothing is absent."""
    value = place.value(keyword)
    if keyword in _FALSE_IS_ABSENT and value is False:
        return ABSENT
    if keyword == "format" and value in CHECKED_FORMATS:
        return ABSENT
    return value


def _same(keyword: str, left: Any, right: Any) -> bool:
    if left is ABSENT or right is ABSENT:
        # A description where there was none tells more, and takes nothing back.
        return left is right or (keyword == "description" and left is ABSENT)
    if keyword == "description" and isinstance(left, str) and isinstance(right, str):
        return _words(left) == _words(right)
    return _text(left) == _text(right)


def _words(text: str) -> list[str]:
    return text.casefold().split()


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _moved(left: Any, right: Any) -> str:
    if left is ABSENT:
        return f"is {_text(right)} where there was none"
    if right is ABSENT:
        return f"was {_text(left)} and is gone"
    return f"was {_text(left)} and is {_text(right)}"


def _growth(before: Place, after: Place) -> Iterator[Change]:
    """Values that the old readers do not know."""
    old, new = _closed(before), _closed(after)
    if old is None or new is None or not old.keys() <= new.keys():
        return
    if grown := [value for value in new if value not in old]:
        rule = rules.meaning("enum-growth")
        yield Change(
            verdict=rule.verdict,
            rule=rule.id,
            direction=Direction.FORWARD,
            place=after.pointer("enum"),
            what=f"{', '.join(grown)} may be sent too. {rule.what}",
            remedy=rule.remedy,
        )


def _closed(place: Place) -> dict[str, None] | None:
    """The values that a place allows, where it lists them."""
    if (constant := place.value("const")) is not ABSENT:
        return {_text(constant): None}
    values = place.value("enum")
    return {_text(value): None for value in values} if isinstance(values, list) else None
