"""The document that shows a break: found, small, confirmed, and the same in every run."""

import json
import time
from typing import Any

import pytest

from dome_spec.contracts.compatibility import Acceptance, parse
from tests.contract.schema_pairs.seeking import search
from tests.contract.schema_pairs.seeking.shrink import shrink


def found(accepting: Any, refusing: Any, **options: Any) -> Any:
    document = search(parse(accepting), parse(refusing), **options)
    assert document is not None
    for schema, accepted in ((accepting, True), (refusing, False)):
        judged = Acceptance(parse(schema))
        assert judged.accepts(document.value) is accepted
        assert judged.confirms_acceptance(document.value) is accepted
    return document.value


def closed(**members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members, "additionalProperties": False}


def nested(leaf: Any) -> dict[str, Any]:
    return closed(rows={"type": "array", "items": closed(cell=closed(value=leaf))})


@pytest.mark.parametrize(
    ("accepting", "refusing", "document"),
    [
        ({}, False, 0),
        ({"type": ["null", "string"]}, {"type": "string"}, None),
        ({"const": 1}, {"const": True}, 1),
        ({"type": "number"}, {"type": "integer"}, 0.5),
        ({"type": "integer", "minimum": 3}, {"type": "integer", "minimum": 4}, 3),
        ({"type": "number", "multipleOf": 0.5}, {"type": "number", "multipleOf": 1}, 0.5),
        ({"enum": ["a", "b"]}, {"enum": ["a"]}, "b"),
        ({"type": "string", "maxLength": 4}, {"type": "string", "maxLength": 3}, "aaaa"),
        (closed(a={}, b={}), closed(a={}), {"b": 0}),
        (closed(a={}), {**closed(a={}), "required": ["a"]}, {}),
        ({"type": "array"}, {"type": "array", "uniqueItems": True}, [0, 0]),
        ({}, {"not": {"required": ["a"]}}, {"a": 0}),
        ({}, {"oneOf": [{"minimum": 2}, {"maximum": 5}]}, 2),
        (nested({"type": "integer"}), nested({"type": "integer", "minimum": 0}), {"rows": [{"cell": {"value": -1}}]}),
    ],
)
def test_the_smallest_document_is_shown(accepting: Any, refusing: Any, document: Any) -> None:
    shown = found(accepting, refusing)
    assert len(json.dumps(shown)) <= len(json.dumps(document))


@pytest.mark.parametrize(
    ("accepting", "refusing"),
    [
        ({"type": "string", "pattern": "^[a-z]+$"}, {"pattern": "^[a-y]+$"}),
        ({"format": "date-time"}, {"format": "date"}),
        ({"type": "array", "contains": {"type": "integer"}}, {"contains": {"type": "integer"}, "maxContains": 2}),
        ({"type": "array", "maxItems": 0}, {"contains": {}, "minContains": 2}),
        ({"allOf": [closed(a={})]}, {"allOf": [closed(a={"type": "null"})]}),
        ({"type": "object"}, {"propertyNames": {"pattern": "^[a-z]*$"}}),
        ({"type": "object"}, {"patternProperties": {"^x-": {"type": "string"}}}),
        ({"properties": {"a": {}}}, {"properties": {"a": {}}, "unevaluatedProperties": False}),
        ({"prefixItems": [{}]}, {"prefixItems": [{}], "unevaluatedItems": False}),
        ({"type": "object"}, {"dependentSchemas": {"a": {"required": ["b"]}}}),
        ({"type": "object"}, {"if": {"required": ["k"]}, "then": {"required": ["l"]}}),
        ({"type": "object", "minProperties": 3}, {"maxProperties": 2}),
    ],
)
def test_a_document_is_found_for_every_vocabulary(accepting: Any, refusing: Any) -> None:
    found(accepting, refusing)


def test_a_document_is_found_behind_recursion() -> None:
    def tree(leaf: Any) -> dict[str, Any]:
        node = closed(value=leaf, children={"type": "array", "items": {"$ref": "#"}})
        return {**node, "required": ["value"]}

    assert found(tree({"type": "number"}), tree({"type": "integer"})) == {"value": 0.5}


def test_the_same_schemas_give_the_same_document() -> None:
    pair = (nested({"type": "string"}), nested({"type": "string", "minLength": 2}))
    assert len({json.dumps(found(*pair)) for _ in range(3)}) == 1


def test_hints_are_looked_at_first() -> None:
    assert found({}, {"type": "null"}, hints=[{"const": {"from": "the hint"}}]) is not None
    shown = found({"type": "string"}, {"maxLength": 3}, hints=[{"const": "hint"}])
    assert shown == "hint"


def test_nothing_is_found_where_there_is_nothing() -> None:
    assert search(parse({"type": "integer"}), parse({"type": "number"})) is None
    assert search(parse(False), parse(False)) is None


def test_a_document_on_which_the_judges_disagree_is_not_shown() -> None:
    # Only a text with a line break at its end tells these two apart, and the judges read `$` differently.
    shown = search(parse({"enum": ["a\n"]}), parse({"pattern": "^a$"}))
    assert shown is None


def test_a_search_without_an_end_ends() -> None:
    wide = {"oneOf": [closed(kind={"const": str(number)}, next={"$ref": "#"}) for number in range(12)]}
    began = time.perf_counter()
    assert search(parse(wide), parse(wide)) is None
    assert time.perf_counter() - began < 10


def test_large_bounds_are_not_written_out() -> None:
    assert search(parse({"type": "string"}), parse({"maxLength": 10**9})) is None
    assert search(parse({"type": "array"}), parse({"maxItems": 10**9})) is None


def test_a_document_is_made_smaller_while_it_holds() -> None:
    large = {"a": [1, 2, {"b": "long text"}], "c": None}
    assert shrink(large, lambda part: isinstance(part, dict) and "a" in part) == {"a": []}
    assert shrink("abcdef", lambda text: "d" in text) == "d"
    assert shrink(700, lambda _: True) == 0
