"""The table of rules by example: for each rule a pair of schemas, and what the engine has to say about it.

The one truth of it: the tests hold the engine to these rows, and the reference page shows them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from dome_spec.contracts.compatibility.rules import Rule, loosened, meaning, tightened
from dome_spec.contracts.compatibility.values import Direction, Verdict


@dataclass(frozen=True, slots=True)
class Example:
    """One row: what the change from one schema to the other is, in one direction."""

    rule: Rule
    old: Any
    new: Any
    direction: Direction
    verdict: Verdict


def _object(**members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members}


def _tree(leaf: dict[str, Any]) -> dict[str, Any]:
    node = {"type": "object", "properties": {"value": leaf, "next": {"$ref": "#/$defs/node"}}, "required": ["value"]}
    return {"$ref": "#/$defs/node", "$defs": {"node": node}}


def _dynamic(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "array",
        "items": {"$dynamicRef": "#item"},
        "$defs": {"item": {"$dynamicAnchor": "item", **item}},
    }


_TEXT: Final = {"type": "string"}
_INTEGER: Final = {"type": "integer"}
_NUMBER: Final = {"type": "number"}
_ARRAY: Final = {"type": "array"}
_CLOSED: Final = {"additionalProperties": False}
_KIND_A: Final = {"properties": {"kind": {"const": "a"}}, "required": ["kind"]}
_KIND_B: Final = {"properties": {"kind": {"const": "b"}}, "required": ["kind"]}
_KIND_C: Final = {"properties": {"kind": {"const": "c"}}, "required": ["kind"]}

LOOSE_AND_TIGHT: Final[tuple[tuple[str, Any, Any], ...]] = (
    ("type", {"type": ["string", "null"]}, _TEXT),
    ("type", _NUMBER, _INTEGER),
    ("enum", {"enum": ["a", "b"]}, {"enum": ["a"]}),
    ("const", {"enum": ["a", "b"]}, {"const": "a"}),
    ("minimum", {**_INTEGER, "minimum": 1}, {**_INTEGER, "minimum": 2}),
    ("maximum", {**_NUMBER, "maximum": 2.5}, {**_NUMBER, "maximum": 2}),
    ("exclusiveMinimum", {**_NUMBER, "minimum": 0}, {**_NUMBER, "exclusiveMinimum": 0}),
    ("exclusiveMaximum", {**_NUMBER, "maximum": 1}, {**_NUMBER, "exclusiveMaximum": 1}),
    ("multipleOf", {**_INTEGER, "multipleOf": 2}, {**_INTEGER, "multipleOf": 6}),
    ("minLength", _TEXT, {**_TEXT, "minLength": 1}),
    ("maxLength", {**_TEXT, "maxLength": 3}, {**_TEXT, "maxLength": 2}),
    ("pattern", {**_TEXT, "pattern": "^[a-z]+$"}, {**_TEXT, "pattern": "^[a-y]+$"}),
    ("pattern", {**_TEXT, "pattern": "^[a-z]{1,4}$"}, {**_TEXT, "pattern": "^[a-z]{2,3}$"}),
    ("format", _TEXT, {**_TEXT, "format": "date-time"}),
    ("format", {**_TEXT, "format": "uri-reference"}, {**_TEXT, "format": "uri"}),
    ("minItems", _ARRAY, {**_ARRAY, "minItems": 1}),
    ("maxItems", {**_ARRAY, "maxItems": 3}, {**_ARRAY, "maxItems": 2}),
    ("uniqueItems", _ARRAY, {**_ARRAY, "uniqueItems": True}),
    ("contains", _ARRAY, {**_ARRAY, "contains": _INTEGER}),
    ("minContains", {**_ARRAY, "contains": _INTEGER}, {**_ARRAY, "contains": _INTEGER, "minContains": 2}),
    ("maxContains", {**_ARRAY, "contains": _INTEGER}, {**_ARRAY, "contains": _INTEGER, "maxContains": 1}),
    ("prefixItems", {**_ARRAY, "prefixItems": [{}]}, {**_ARRAY, "prefixItems": [_TEXT]}),
    ("items", {**_ARRAY, "items": _NUMBER}, {**_ARRAY, "items": _INTEGER}),
    ("items", {**_ARRAY, "prefixItems": [_TEXT]}, {**_ARRAY, "prefixItems": [_TEXT], "items": False}),
    (
        "unevaluatedItems",
        {**_ARRAY, "allOf": [{"prefixItems": [_TEXT]}]},
        {**_ARRAY, "allOf": [{"prefixItems": [_TEXT]}], "unevaluatedItems": False},
    ),
    ("required", _object(a=_TEXT), {**_object(a=_TEXT), "required": ["a"]}),
    ("dependentRequired", _object(a=_TEXT), {**_object(a=_TEXT), "dependentRequired": {"a": ["b"]}}),
    (
        "dependentSchemas",
        _object(a=_TEXT, b=_INTEGER),
        {**_object(a=_TEXT, b=_INTEGER), "dependentSchemas": {"a": _object(b={"maximum": 9})}},
    ),
    ("minProperties", {"type": "object"}, {"type": "object", "minProperties": 1}),
    ("maxProperties", {"type": "object", "maxProperties": 2}, {"type": "object", "maxProperties": 1}),
    ("properties", _object(a=_NUMBER), _object(a=_INTEGER)),
    (
        "patternProperties",
        {"type": "object", "patternProperties": {"^x-": {}}},
        {"type": "object", "patternProperties": {"^x-": _TEXT}},
    ),
    ("additionalProperties", _object(a=_TEXT), {**_object(a=_TEXT), **_CLOSED}),
    ("additionalProperties", {**_object(a=_TEXT, b=_TEXT), **_CLOSED}, {**_object(a=_TEXT), **_CLOSED}),
    ("propertyNames", {"type": "object"}, {"type": "object", "propertyNames": {"pattern": "^[a-z]+$"}}),
    (
        "unevaluatedProperties",
        {"type": "object", "allOf": [_object(a=_TEXT)]},
        {"type": "object", "allOf": [_object(a=_TEXT)], "unevaluatedProperties": False},
    ),
    ("allOf", {"allOf": [_TEXT]}, {"allOf": [_TEXT, {"maxLength": 2}]}),
    ("anyOf", {"anyOf": [_TEXT, _INTEGER]}, {"anyOf": [_TEXT]}),
    (
        "oneOf",
        {"type": "object", "oneOf": [_KIND_A, _KIND_B, _KIND_C]},
        {"type": "object", "oneOf": [_KIND_A, _KIND_B]},
    ),
    ("oneOf", {"anyOf": [_TEXT, {"minLength": 3}]}, {"oneOf": [_TEXT, {"minLength": 3}]}),
    ("not", {"not": {"const": "a"}}, {"not": {"enum": ["a", "b"]}}),
    (
        "if",
        {**_INTEGER, "if": {"minimum": 10}, "then": {"multipleOf": 10}},
        {**_INTEGER, "if": {"minimum": 5}, "then": {"multipleOf": 10}},
    ),
    (
        "then",
        {"type": "object", "if": _KIND_A, "then": {}},
        {"type": "object", "if": _KIND_A, "then": {"required": ["path"]}},
    ),
    (
        "else",
        {"type": "object", "if": _KIND_A, "else": {}},
        {"type": "object", "if": _KIND_A, "else": {"required": ["path"]}},
    ),
    (
        "$ref",
        {"$ref": "#/$defs/wide", "$defs": {"wide": _NUMBER, "narrow": _INTEGER}},
        {"$ref": "#/$defs/narrow", "$defs": {"wide": _NUMBER, "narrow": _INTEGER}},
    ),
    (
        "$defs",
        {**_object(a={"$ref": "#/$defs/name"}), "$defs": {"name": _TEXT}},
        {**_object(a={"$ref": "#/$defs/name"}), "$defs": {"name": {**_TEXT, "minLength": 1}}},
    ),
    ("$dynamicRef", _dynamic(_NUMBER), _dynamic(_INTEGER)),
    ("recursion", _tree(_NUMBER), _tree(_INTEGER)),
    ("false", True, False),
    ("false", _object(a={}), _object(a=False)),
)
"""For each keyword of applicator, validation, unevaluated and format vocabulary: a loose schema and a tighter one."""

_MEANT: Final[tuple[tuple[str, Any, Any], ...]] = (
    ("default", _object(a={**_INTEGER, "default": 1}), _object(a={**_INTEGER, "default": 2})),
    ("tier", {**_TEXT, "x-dome-tier": "experimental"}, {**_TEXT, "x-dome-tier": "stable"}),
    (
        "description",
        _object(a={**_INTEGER, "description": "How long to wait, in seconds."}),
        _object(a={**_INTEGER, "description": "How long to wait, in milliseconds."}),
    ),
    ("enum-growth", _object(a={"enum": ["on", "off"]}), _object(a={"enum": ["on", "off", "auto"]})),
    ("deprecated", _object(a=_TEXT), _object(a={**_TEXT, "deprecated": True})),
    ("read-only", _object(a=_TEXT), _object(a={**_TEXT, "readOnly": True})),
    ("write-only", _object(a=_TEXT), _object(a={**_TEXT, "writeOnly": True})),
    ("content", {**_TEXT, "contentEncoding": "base64"}, {**_TEXT, "contentEncoding": "base32"}),
    ("format-annotation", {**_INTEGER, "format": "int32"}, {**_INTEGER, "format": "int64"}),
    ("annotation", {**_INTEGER, "x-unit": "s"}, {**_INTEGER, "x-unit": "ms"}),
)

_NO_CHANGE_OF_MEANING: Final[tuple[tuple[str, Any, Any], ...]] = (
    ("description", {**_TEXT, "description": "A name."}, {**_TEXT, "description": "a   name."}),
    ("annotation", {**_TEXT, "title": "Name", "examples": ["a"]}, {**_TEXT, "title": "A name", "$comment": "b"}),
    ("deprecated", _TEXT, {**_TEXT, "deprecated": False}),
)


def examples() -> Iterator[Example]:
    """Every row of the table."""
    for keyword, loose, tight in LOOSE_AND_TIGHT:
        yield Example(tightened(keyword), loose, tight, Direction.BACKWARD, Verdict.INCOMPATIBLE)
        yield Example(tightened(keyword), loose, tight, Direction.FORWARD, Verdict.COMPATIBLE)
        yield Example(loosened(keyword), tight, loose, Direction.BACKWARD, _towards_readers(tight, loose))
        yield Example(loosened(keyword), tight, loose, Direction.FORWARD, Verdict.INCOMPATIBLE)
    for name, old, new in _MEANT:
        yield Example(meaning(name), old, new, Direction.BACKWARD, Verdict.MEANING_CHANGED)
    for name, old, new in _NO_CHANGE_OF_MEANING:
        yield Example(meaning(name), old, new, Direction.BACKWARD, Verdict.COMPATIBLE)


def _towards_readers(tight: Any, loose: Any) -> Verdict:
    """A value more in an enumeration is compatible for its readers, and means something to those of the old schema."""
    listed = isinstance(loose, dict) and "enum" in loose and not {"const", "enum"}.isdisjoint(tight)
    return Verdict.MEANING_CHANGED if listed else Verdict.COMPATIBLE
