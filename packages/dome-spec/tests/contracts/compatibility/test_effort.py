"""How much work it is to judge a document, held against how often a schema is come by."""

from typing import Any

import pytest

from dome_spec.contracts.compatibility import parse
from dome_spec.contracts.compatibility.effort import effort

MANY = 1_000_000


def twice(length: int) -> Any:
    links = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}, {"$ref": f"#/$defs/d{n + 1}"}]} for n in range(length)}
    return {"$ref": "#/$defs/d0", "$defs": {**links, f"d{length}": {"type": "string"}}}


@pytest.mark.parametrize(
    ("schema", "document", "count"),
    [
        (True, {"a": 1}, 1),
        ({"type": "string"}, "a", 1),
        ({"anyOf": [{}, {}], "not": {}, "if": {}, "then": {}}, 1, 6),
        ({"properties": {"a": {}, "b": {}}}, {"a": 1, "c": 2}, 2),
        ({"properties": {"a": {}}, "additionalProperties": False}, {"a": 1, "c": 2}, 4),
        ({"items": {}, "contains": {}}, [1, 2], 5),
        ({"prefixItems": [{}, {}, {}]}, [1, 2], 3),
        ({"properties": {"a": {"$ref": "#"}}}, {"a": {"a": {}}}, 5),
    ],
)
def test_each_schema_counts_as_often_as_it_is_held_against_a_part(schema: Any, document: Any, count: int) -> None:
    assert effort(schema, document, effort_max=MANY) == count


def test_what_is_referred_to_twice_counts_twice() -> None:
    assert effort(twice(3), "a", effort_max=MANY) == 1 + sum(2**n + 2 ** (n + 1) for n in range(3)) + 2**3
    assert effort(twice(40), "a", effort_max=MANY) == MANY + 1


def test_the_names_of_nothing_make_no_work() -> None:
    assert effort({"properties": {"a": twice(40)["$defs"]}, **twice(2)}, {}, effort_max=MANY) < 100


def test_what_is_too_deep_to_be_looked_at_is_too_much() -> None:
    chain = {f"d{n}": {"$ref": f"#/$defs/d{n + 1}"} for n in range(3_000)}
    assert effort({"$ref": "#/$defs/d0", "$defs": {**chain, "d3000": {}}}, 1, effort_max=MANY) == MANY + 1


def test_a_branch_without_a_condition_is_not_held_against_anything() -> None:
    assert effort({"then": {"$ref": "#"}, "else": {}}, 1, effort_max=MANY) == 1
    schema = parse({"then": {"$ref": "#"}, "unevaluatedProperties": False})
    assert not schema.validator.is_valid({"a": 1})


def test_what_is_looked_at_again_for_what_is_left_counts_again() -> None:
    plain: Any = {"anyOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]}
    document = {"a": 1, "b": 2}
    whole = effort({**plain, "unevaluatedProperties": False}, document, effort_max=MANY)
    assert whole > effort(plain, document, effort_max=MANY) + len(document)
