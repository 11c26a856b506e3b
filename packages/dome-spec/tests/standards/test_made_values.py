"""Values made from a schema are what they are said to be: accepted, or breaking the one rule that is named."""

import json
from pathlib import Path
from typing import Any

import pytest

from dome_spec.standards.breaches import BREACHES_MAX, breaches, with_stranger
from dome_spec.standards.generated import INPUTS_MAX, inputs
from dome_spec.standards.observed import Rule
from dome_spec.standards.schema import accepts, violations

TOOLS = Path(__file__).parents[4] / "packages/domed/src/domed/tools"
SCHEMAS = {path.parent.name: json.loads(path.read_bytes()) for path in sorted(TOOLS.glob("*/input.json"))}
ORDER: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["item", "count"],
    "properties": {
        "item": {"$ref": "#/$defs/Item"},
        "count": {"type": "integer", "minimum": 1, "maximum": 9},
        "share": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        "tags": {"type": "array", "items": {"type": "string", "minLength": 2}, "minItems": 1, "maxItems": 3},
        "unit": {"enum": ["kg", "piece"]},
        "gift": {"type": "boolean", "default": False},
    },
    "$defs": {
        "Item": {
            "type": "object",
            "additionalProperties": False,
            "required": ["name"],
            "properties": {"name": {"type": "string", "pattern": "^[a-z]+(-[0-9]+)?$", "maxLength": 8}},
        }
    },
}


@pytest.mark.parametrize("schema", [ORDER, *SCHEMAS.values()], ids=["order", *SCHEMAS])
def test_what_is_made_for_a_run_is_accepted_and_what_breaks_a_rule_is_not(schema: dict[str, Any]) -> None:
    made = inputs(schema)
    assert len(made) <= INPUTS_MAX
    assert all(accepts(schema, value) for value in made)
    base: Any = next(iter(made), {})
    broken = breaches(schema, base)
    assert 0 < len(broken) <= BREACHES_MAX
    assert not any(accepts(schema, each.value) for each in broken)
    assert inputs(schema) == made
    assert breaches(schema, base) == broken


def test_every_kind_of_rule_is_broken_where_it_stands() -> None:
    (smallest, *_) = inputs(ORDER)
    assert smallest == {"item": {"name": "a"}, "count": 1}
    found = {(each.rule, each.place) for each in breaches(ORDER, smallest)}
    assert {
        (Rule.REQUIRED, "/item"),
        (Rule.REQUIRED, "/item/name"),
        (Rule.UNKNOWN, "/dome_standard_stranger"),
        (Rule.UNKNOWN, "/item/dome_standard_stranger"),
        (Rule.TYPE, ""),
        (Rule.TYPE, "/count"),
        (Rule.ENUM, "/unit"),
        (Rule.BOUND, "/count"),
        (Rule.BOUND, "/share"),
        (Rule.BOUND, "/tags"),
        (Rule.BOUND, "/item/name"),
    } <= found


def test_a_schema_that_is_open_is_seen_by_a_stranger() -> None:
    closed, value = ORDER, {"item": {"name": "a"}, "count": 1}
    opened = {**ORDER, "additionalProperties": True}
    assert not accepts(closed, with_stranger(value))
    assert accepts(opened, with_stranger(value))
    assert not any(each.rule is Rule.UNKNOWN and each.place.count("/") == 1 for each in breaches(opened, value))


def test_violations_are_told_in_the_order_of_their_places() -> None:
    found = violations(ORDER, {"count": 0, "item": {"name": "A"}})
    assert [each.place for each in found] == ["/count", "/item/name"]


@pytest.mark.parametrize(
    "schema",
    [{}, {"type": "object"}, {"type": ["string", "null"]}, {"$ref": "#"}, {"allOf": [False]}],
)
def test_schemas_that_say_little_or_nothing_are_no_trouble(schema: dict[str, Any]) -> None:
    assert all(accepts(schema, value) for value in inputs(schema))
    assert not any(accepts(schema, each.value) for each in breaches(schema, {}))
