"""The dialects of JSON Schema, and one schema object upgraded to 2020-12, keyword by keyword.

Says which keyword means what in which dialect. Follows no references and knows no documents. One thing is taken as
2020-12 has it, whatever the dialect: 1.0 is the whole number 1.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final

LATEST_URI: Final = "https://json-schema.org/draft/2020-12/schema"
UNREAD: Final = "x-unread-"
"""Before the name of a keyword that its dialect does not read there, so that 2020-12 does not read it either."""


class Kind(Enum):
    """What the value of a keyword holds."""

    VALUE = auto()
    """No schemas."""
    SCHEMA = auto()
    SCHEMAS = auto()
    """An array of schemas."""
    SCHEMA_MAP = auto()
    """An object whose members are schemas."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One draft of JSON Schema."""

    name: str
    uri: str
    year: int
    """Orders the dialects: later ones have the greater number."""

    @property
    def id_keyword(self) -> str:
        """The keyword that gives a schema its URI."""
        return "id" if self.year < _DRAFT_06 else "$id"

    def reads_only_ref(self, schema: Mapping[str, Any]) -> bool:
        """Whether of this schema object nothing but its `$ref` is read."""
        return self.year < _DRAFT_2019 and isinstance(schema.get("$ref"), str)

    @property
    def names_anchors_by_id(self) -> bool:
        """Whether `$id: "#name"` names a place."""
        return self.year < _DRAFT_2019


_DRAFT_04: Final = 2013
_DRAFT_06: Final = 2017
_DRAFT_07: Final = 2018
_DRAFT_2019: Final = 2019
_DRAFT_2020: Final = 2020

LATEST: Final = Dialect("2020-12", LATEST_URI, _DRAFT_2020)
DIALECTS: Final = (
    Dialect("draft-04", "http://json-schema.org/draft-04/schema#", _DRAFT_04),
    Dialect("draft-06", "http://json-schema.org/draft-06/schema#", _DRAFT_06),
    Dialect("draft-07", "http://json-schema.org/draft-07/schema#", _DRAFT_07),
    Dialect("2019-09", "https://json-schema.org/draft/2019-09/schema", _DRAFT_2019),
    LATEST,
)
_BY_URI: Final = {dialect.uri.rstrip("#").partition("://")[2]: dialect for dialect in DIALECTS}


def dialect_of(uri: str) -> Dialect | None:
    """The dialect that a `$schema` names, with `http` or `https` and with or without an empty fragment."""
    scheme, _, rest = uri.rstrip("#").partition("://")
    return _BY_URI.get(rest) if scheme in {"http", "https"} else None


_SINCE: Final[Mapping[str, tuple[int, Kind]]] = {
    "allOf": (_DRAFT_04, Kind.SCHEMAS),
    "anyOf": (_DRAFT_04, Kind.SCHEMAS),
    "oneOf": (_DRAFT_04, Kind.SCHEMAS),
    "not": (_DRAFT_04, Kind.SCHEMA),
    "properties": (_DRAFT_04, Kind.SCHEMA_MAP),
    "patternProperties": (_DRAFT_04, Kind.SCHEMA_MAP),
    "additionalProperties": (_DRAFT_04, Kind.SCHEMA),
    "items": (_DRAFT_04, Kind.SCHEMA),
    "contains": (_DRAFT_06, Kind.SCHEMA),
    "propertyNames": (_DRAFT_06, Kind.SCHEMA),
    "const": (_DRAFT_06, Kind.VALUE),
    "if": (_DRAFT_07, Kind.SCHEMA),
    "then": (_DRAFT_07, Kind.SCHEMA),
    "else": (_DRAFT_07, Kind.SCHEMA),
    "dependentSchemas": (_DRAFT_2019, Kind.SCHEMA_MAP),
    "dependentRequired": (_DRAFT_2019, Kind.VALUE),
    "unevaluatedItems": (_DRAFT_2019, Kind.SCHEMA),
    "unevaluatedProperties": (_DRAFT_2019, Kind.SCHEMA),
    "minContains": (_DRAFT_2019, Kind.VALUE),
    "maxContains": (_DRAFT_2019, Kind.VALUE),
    "contentSchema": (_DRAFT_2019, Kind.SCHEMA),
    "prefixItems": (_DRAFT_2020, Kind.SCHEMAS),
    "enum": (_DRAFT_04, Kind.VALUE),
    "type": (_DRAFT_04, Kind.VALUE),
    "multipleOf": (_DRAFT_04, Kind.VALUE),
    "minimum": (_DRAFT_04, Kind.VALUE),
    "maximum": (_DRAFT_04, Kind.VALUE),
    "exclusiveMinimum": (_DRAFT_04, Kind.VALUE),
    "exclusiveMaximum": (_DRAFT_04, Kind.VALUE),
    "minLength": (_DRAFT_04, Kind.VALUE),
    "maxLength": (_DRAFT_04, Kind.VALUE),
    "pattern": (_DRAFT_04, Kind.VALUE),
    "minItems": (_DRAFT_04, Kind.VALUE),
    "maxItems": (_DRAFT_04, Kind.VALUE),
    "uniqueItems": (_DRAFT_04, Kind.VALUE),
    "minProperties": (_DRAFT_04, Kind.VALUE),
    "maxProperties": (_DRAFT_04, Kind.VALUE),
    "required": (_DRAFT_04, Kind.VALUE),
    "format": (_DRAFT_04, Kind.VALUE),
}
"""Every keyword of 2020-12 on which a verdict about a document may hang, and the first dialect that reads it."""
_HOLDING: Final = {keyword: kind for keyword, (_, kind) in _SINCE.items() if kind is not Kind.VALUE}
_FORMATS_SINCE: Final[Mapping[str, int]] = {
    "uri-reference": _DRAFT_06,
    "uri-template": _DRAFT_06,
    "json-pointer": _DRAFT_06,
    "idn-hostname": _DRAFT_07,
    "iri": _DRAFT_07,
    "iri-reference": _DRAFT_07,
    "relative-json-pointer": _DRAFT_07,
    "duration": _DRAFT_2019,
    "uuid": _DRAFT_2019,
}
"""Formats that earlier dialects do not assert."""
_IDENTITY: Final = frozenset(
    {"$schema", "$id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$vocabulary", "$defs", "definitions"}
)
"""Keywords that only name things: in the upgraded document names are places."""
UNEVALUATED: Final = frozenset({"unevaluatedProperties", "unevaluatedItems"})
"""Keywords that look at what all others beside them have looked at."""
REFERENCES: Final = frozenset({"$ref", "$dynamicRef", "$recursiveRef"})


@dataclass(frozen=True, slots=True)
class Part:
    """One keyword of an upgraded schema object, with values that are still as they were."""

    keyword: str
    source_keyword: str
    """Where the value stood."""
    kind: Kind
    value: Any


def upgraded(schema: Mapping[str, Any], dialect: Dialect) -> Iterator[Part]:
    """The schema object in 2020-12, without references and names.

    Schemas within it are not upgraded. What the dialect does not read is kept under a name that nothing reads.
    """
    if dialect is LATEST:
        yield from _current(schema)
        return
    alone = dialect.reads_only_ref(schema)
    for keyword, value in schema.items():
        if keyword in _IDENTITY or keyword in REFERENCES or (keyword == "id" and dialect.year < _DRAFT_06):
            continue
        if (keyword in _SINCE or keyword in {"dependencies", "additionalItems"}) and (
            alone or _unread(keyword, value, schema, dialect)
        ):
            yield Part(UNREAD + keyword, keyword, Kind.VALUE, value)
        else:
            yield from _part(keyword, value, schema, dialect)


def _current(schema: Mapping[str, Any]) -> Iterator[Part]:
    """The same for a schema that is 2020-12 already."""
    for keyword, value in schema.items():
        if keyword == "dependencies" and isinstance(value, dict):
            yield from _dependencies(value, schema)
        elif keyword not in _IDENTITY and keyword not in REFERENCES:
            known = _SINCE.get(keyword)
            yield Part(keyword, keyword, Kind.VALUE if known is None else known[1], value)


def subschemas(schema: Mapping[str, Any], dialect: Dialect) -> Iterator[tuple[str, Kind, Any]]:
    """Every keyword that holds schemas in this dialect, definitions included."""
    for name in ("definitions", "$defs") if dialect.year >= _DRAFT_2019 else ("definitions",):
        if isinstance(named := schema.get(name), dict):
            yield name, Kind.SCHEMA_MAP, named
    if dialect is LATEST and "dependencies" not in schema:
        for keyword, value in schema.items():
            if keyword in _HOLDING:
                yield keyword, _HOLDING[keyword], value
        return
    for part in upgraded(schema, dialect):
        if part.kind is not Kind.VALUE:
            yield part.source_keyword, part.kind, part.value


def doubts(schema: Mapping[str, Any], dialect: Dialect) -> Iterator[tuple[str, str]]:
    """Keywords of a schema object whose meaning readers of its dialect do not agree on, each with the reason."""
    if dialect.reads_only_ref(schema):
        return
    if "dependencies" in schema and dialect.year >= _DRAFT_2019:
        yield (
            "dependencies",
            (
                f"{dialect.name} has no `dependencies`, and some validators read it all the same; write"
                " `dependentRequired` or `dependentSchemas`"
            ),
        )
    if dialect.year in {_DRAFT_06, _DRAFT_07}:
        for keyword, asserted in (("contentEncoding", "base64"), ("contentMediaType", "application/json")):
            if schema.get(keyword) == asserted:
                yield keyword, f"a validator of {dialect.name} may check `{keyword}`, one of 2020-12 does not"
    if dialect.year < _DRAFT_07 and schema.get("format") == "hostname":
        yield "format", f"`hostname` of {dialect.name} lets labels pass that 2020-12 refuses, such as `ab--cd`"


def _unread(keyword: str, value: Any, schema: Mapping[str, Any], dialect: Dialect) -> bool:
    if keyword == "additionalItems":
        return dialect.year < _DRAFT_2020 and not isinstance(schema.get("items"), list)
    if keyword == "format" and isinstance(value, str):
        return _FORMATS_SINCE.get(value, _DRAFT_04) > dialect.year
    return keyword in _SINCE and _SINCE[keyword][0] > dialect.year


def _part(keyword: str, value: Any, schema: Mapping[str, Any], dialect: Dialect) -> Iterator[Part]:
    match keyword:
        case "items" if isinstance(value, list):
            yield Part("prefixItems", keyword, Kind.SCHEMAS, value)
        case "additionalItems" if dialect.year < _DRAFT_2020:
            yield Part("items", keyword, Kind.SCHEMA, value)
        case "dependencies" if isinstance(value, dict):
            # Where dialects have both, the newer keywords win; `doubts` names what is lost.
            yield from _dependencies(value, schema if dialect.year >= _DRAFT_2019 else {})
        case "exclusiveMinimum" | "exclusiveMaximum" if isinstance(value, bool):
            if value:
                yield Part(keyword, keyword, Kind.VALUE, schema[keyword.replace("exclusiveM", "m")])
        case "minimum" | "maximum" if schema.get(f"exclusive{keyword.title()}") is True:
            return
        case _:
            yield Part(keyword, keyword, _SINCE.get(keyword, (0, Kind.VALUE))[1], value)


def _dependencies(value: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Part]:
    required = {name: needed for name, needed in value.items() if isinstance(needed, list)}
    schemas = {name: needed for name, needed in value.items() if not isinstance(needed, list)}
    if required and "dependentRequired" not in schema:
        yield Part("dependentRequired", "dependencies", Kind.VALUE, required)
    if schemas and "dependentSchemas" not in schema:
        yield Part("dependentSchemas", "dependencies", Kind.SCHEMA_MAP, schemas)
