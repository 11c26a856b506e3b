"""What is taken as a schema, what it becomes, and what is refused with which words."""

import datetime
import time
from collections.abc import Callable
from typing import Any

import pytest

from dome_spec.contracts.compatibility.schema import SchemaFault, SchemaRefused, parse

DRAFT_07 = "http://json-schema.org/draft-07/schema#"
DRAFT_2020 = "https://json-schema.org/draft/2020-12/schema"
MALFORMED, TOO_LARGE, TOO_DEEP = SchemaFault.MALFORMED, SchemaFault.TOO_LARGE, SchemaFault.TOO_DEEP
UNRESOLVED, CYCLIC = SchemaFault.UNRESOLVED_REFERENCE, SchemaFault.CYCLIC_REFERENCE
UNKNOWN, NOT_A_SCHEMA = SchemaFault.UNKNOWN_DIALECT, SchemaFault.NOT_A_SCHEMA


def nested(levels: int, wrap: Callable[[Any], Any] = lambda inner: {"not": inner}) -> Any:
    schema: Any = {}
    for _ in range(levels):
        schema = wrap(schema)
    return schema


def within_itself() -> Any:
    schema: dict[str, Any] = {}
    schema["not"] = schema
    return schema


def chain(length: int) -> Any:
    links = {str(number): {"$ref": f"#/$defs/{number + 1}"} for number in range(length)}
    return {"$ref": "#/$defs/0", "$defs": {**links, str(length): {"type": "string"}}}


def overlapping(count: int) -> Any:
    """References to a schema, to a part of it, to a part of that: each becomes a definition of its own."""
    schema = nested(count, lambda inner: {"properties": {"p": inner or {"enum": list(range(10_000))}}})
    return {**schema, "allOf": [{"$ref": "#" + "/properties/p" * (number + 1)} for number in range(count)]}


@pytest.mark.parametrize(
    ("document", "fault", "place", "words"),
    [
        (nested(100_000), TOO_DEEP, "/not" * 200, "more than 200 levels"),
        (nested(100_000, lambda inner: [inner]), TOO_DEEP, "/0" * 200, "more than 200 levels"),
        (within_itself(), TOO_DEEP, "/not" * 200, "more than 200 levels"),
        ({"const": "x" * 50_000_000}, TOO_LARGE, "/const", "bytes of text"),
        ({"enum": ["x"] * 5_000_000}, TOO_LARGE, "/enum", "200000 values"),
        (chain(6_000), TOO_LARGE, "/$defs/5000", "more than 5000 schemas"),
        (overlapping(60), TOO_LARGE, None, "With all that it refers to"),
        ({"maximum": 10**5000}, TOO_LARGE, "/maximum", "4096 bits"),
        ({"maximum": float("nan")}, MALFORMED, "/maximum", "nan is no number"),
        ({"minimum": float("-inf")}, MALFORMED, "/minimum", "-inf is no number"),
        ({"const": datetime.date(2020, 2, 2)}, MALFORMED, "/const", "type date"),
        ({"properties": {1: {}}}, MALFORMED, "/properties", "int 1, not by text"),
        ({"const": "\ud800"}, MALFORMED, "/const", "surrogate"),
        ({"$defs": {"a": {"$id": "urn:x"}, "b": {"$id": "urn:x", "type": "null"}}}, MALFORMED, None, "two schemas"),
        ({"$defs": {"a": {"$anchor": "x"}, "b": {"$anchor": "x"}}}, MALFORMED, None, "two schemas"),
        ({"$schema": "https://example.org/own"}, UNKNOWN, "/$schema", "is not known"),
        ({"$schema": "http://json-schema.org/draft-03/schema#"}, UNKNOWN, "/$schema", "is not known"),
        ({"$schema": 7}, UNKNOWN, "/$schema", "is not known"),
        ([], NOT_A_SCHEMA, "", "an object or a boolean"),
        (None, NOT_A_SCHEMA, "", "an object or a boolean"),
        ({"properties": {"a/b": {"type": "text"}}}, NOT_A_SCHEMA, "/properties/a~1b/type", "no schema of 2020-12"),
        ({"items": [{}]}, NOT_A_SCHEMA, "/items", "no schema of 2020-12"),
        ({"properties": {"a": {"pattern": "(a"}}}, NOT_A_SCHEMA, "/properties/a/pattern", "cannot use the pattern"),
        ({"patternProperties": {"[": {}}}, NOT_A_SCHEMA, "/patternProperties/[", "cannot use the pattern"),
        ({"$ref": "#/$defs/a/b", "$defs": {"a": {"b": {"type": 1}}}}, NOT_A_SCHEMA, "/$defs/a/b/type", "no schema"),
        ({"$schema": DRAFT_07, "required": True}, NOT_A_SCHEMA, "/required", "no schema of draft-07"),
        ({"$ref": "#/$defs/none"}, UNRESOLVED, "/$ref", "there is no '$defs' there"),
        ({"$ref": "#none"}, UNRESOLVED, "/$ref", "the anchor 'none'"),
        ({"items": {"$ref": "other.json"}}, UNRESOLVED, "/items/$ref", "no such document"),
        ({"$ref": "#/enum/0", "enum": ["x"]}, UNRESOLVED, "/$ref", "is no schema"),
        ({"$dynamicRef": "#none"}, UNRESOLVED, "/$dynamicRef", "the anchor 'none'"),
        ({"$ref": "#"}, CYCLIC, "/$ref", "circle"),
        ({"allOf": [{"$ref": "#"}]}, CYCLIC, "/allOf/0/$ref", "circle"),
        ({"dependentSchemas": {"a": {"if": {"$dynamicRef": "#x"}}}, "$dynamicAnchor": "x"}, CYCLIC, None, "circle"),
    ],
)  # fmt: skip
def test_what_is_no_schema_is_refused_with_reason_place_and_remedy(
    document: Any, fault: SchemaFault, place: str | None, words: str
) -> None:
    begin = time.monotonic()
    with pytest.raises(SchemaRefused) as refused:
        parse(document)
    assert refused.value.reason is fault
    assert words in refused.value.what
    assert refused.value.remedy
    assert place is None or refused.value.place == place
    assert time.monotonic() - begin < 10, "a refusal takes a bounded amount of work"


@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"])
def test_a_circle_through_any_keyword_that_reads_no_further_is_refused(keyword: str) -> None:
    reference = {"$ref": "#/$defs/a"}
    value: Any = {
        "allOf": [reference],
        "anyOf": [reference],
        "oneOf": [reference],
        "dependentSchemas": {"p": reference},
    }
    document = {"$ref": "#/$defs/a", "$defs": {"a": {"if": {"type": "string"}, keyword: value.get(keyword, reference)}}}
    with pytest.raises(SchemaRefused, match="CYCLIC_REFERENCE") as refused:
        parse(document)
    assert refused.value.place.startswith(f"/$defs/a/{keyword}")


@pytest.mark.parametrize(
    "document",
    [
        {"properties": {"child": {"$ref": "#"}}},
        {"items": {"$ref": "#"}},
        {"$ref": "#/$defs/tree", "$defs": {"tree": {"additionalProperties": {"$ref": "#/$defs/tree"}}}},
        {"then": {"$ref": "#"}},
    ],
)
def test_recursion_that_reads_further_is_kept(document: Any) -> None:
    assert parse(document).document == {"$schema": DRAFT_2020, **document}


@pytest.mark.parametrize("document", [True, False])
def test_a_boolean_is_a_schema(document: bool) -> None:
    assert parse(document).document is document


def test_a_schema_as_deep_as_the_limit_is_taken() -> None:
    assert parse(nested(199)).document["not"] == nested(198)


def test_definitions_that_nobody_refers_to_are_left_out() -> None:
    schema = parse({"$ref": "#/$defs/a", "$defs": {"a": {"type": "string"}, "b": {"type": "null"}}})
    assert schema.document == {"$schema": DRAFT_2020, "$ref": "#/$defs/a", "$defs": {"a": {"type": "string"}}}


def test_a_schema_knows_where_its_parts_were_written() -> None:
    money = {"$id": "https://example.org/money.json", "$defs": {"Sum": {"properties": {"cents": {"type": "integer"}}}}}
    source = {
        "$schema": DRAFT_07,
        "properties": {"price": {"$ref": "money.json#/$defs/Sum"}, "pair": {"items": [{"minimum": 1}, True]}},
        "dependencies": {"a/b": {"required": ["c"]}, "d": ["e"]},
    }
    schema = parse(source, resources={"money.json": money})
    assert schema.document["properties"]["price"] == {"$ref": "#/$defs/Sum"}
    for place, source_place in {
        "": "",
        "/properties/price": "/properties/price",
        "/$defs/Sum/properties/cents/type": "money.json#/$defs/Sum/properties/cents/type",
        "/properties/pair/prefixItems/0/minimum": "/properties/pair/items/0/minimum",
        "/dependentSchemas/a~1b/required": "/dependencies/a~1b/required",
        "/dependentRequired/d/0": "/dependencies/d/0",
    }.items():
        assert schema.source_place(place) == source_place
    assert schema.resources == {"money.json": money}


def test_a_fault_in_another_document_is_named_with_that_document() -> None:
    with pytest.raises(SchemaRefused) as refused:
        parse({"$ref": "other.json"}, resources={"other.json": {"properties": {"a": {"pattern": "("}}}})
    assert refused.value.place == "other.json#/properties/a/pattern"


def test_documents_that_nobody_refers_to_are_not_looked_at() -> None:
    assert parse({}, resources={"broken.json": {"type": 1}}).resources == {}
