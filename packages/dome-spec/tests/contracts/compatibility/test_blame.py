"""The place and the rule that are named lead to what the author edited, wherever the refusal comes from."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from dome_spec.contracts.compatibility import Change, Direction, compare, parse

TEXT: Any = {"type": "string"}
SHARED = "https://x.example/shared.json"


def told(old: Any, new: Any, *, shared: tuple[Any, Any] | None = None) -> Change:
    olds, news = ({} if shared is None else {SHARED: each} for each in (shared or ({}, {})))
    comparison = compare(parse(old, resources=olds), parse(new, resources=news), direction=Direction.BACKWARD)
    (change,) = comparison.changes
    return change


def closed(**members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members, "additionalProperties": False}


def test_a_reference_to_something_tighter_is_blamed_and_not_what_it_leads_to() -> None:
    definitions = {"$defs": {"Line": {"maxLength": 80}, "Word": {"maxLength": 8}}}
    old = closed(a={"$ref": f"{SHARED}#/$defs/Line"}, b={"$ref": f"{SHARED}#/$defs/Word"})
    new = copy.deepcopy(old)
    new["properties"]["a"]["$ref"] = f"{SHARED}#/$defs/Word"
    change = told(old, new, shared=(definitions, definitions))
    assert (change.rule, change.place) == ("$ref.tightened", "/properties/a/$ref")
    assert change.witness is not None
    assert change.witness.keyword == "maxLength"
    assert change.witness.schema_place == f"{SHARED}#/$defs/Word/maxLength"


def test_a_definition_that_was_tightened_is_blamed_itself() -> None:
    def definitions(most: int) -> Any:
        return {"$defs": {"Line": {"$ref": "#/$defs/Word"}, "Word": {"maxLength": most}}}

    old = closed(a={"$ref": f"{SHARED}#/$defs/Line"})
    change = told(old, old, shared=(definitions(80), definitions(8)))
    assert (change.rule, change.place) == ("maxLength.tightened", f"{SHARED}#/$defs/Word/maxLength")


def test_a_reference_that_stands_where_nothing_stood_is_blamed() -> None:
    definitions = {"$defs": {"Word": {"maxLength": 8}}}
    old = {"type": "array", "prefixItems": [{"$ref": "#/$defs/Word"}], **definitions}
    change = told(old, {**old, "items": {"$ref": "#/$defs/Word"}})
    assert (change.rule, change.place) == ("$ref.tightened", "/items/$ref")


def union(edit: Callable[[Any], None], *, keyword: str = "oneOf") -> tuple[Any, Any]:
    command = {**closed(kind={"const": "command"}, line=TEXT, where={"enum": ["a", "b"]}), "required": ["kind"]}
    note = {**closed(kind={"const": "note"}, text=TEXT), "required": ["kind"]}
    old = closed(body={keyword: [{"$ref": "#/$defs/Command"}, {"$ref": "#/$defs/Note"}]})
    old["$defs"] = {"Command": command, "Note": note}
    new = copy.deepcopy(old)
    edit(new)
    return old, new


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
@pytest.mark.parametrize(
    ("edit", "rule", "place"),
    [
        (lambda new: new["$defs"]["Command"]["required"].append("line"), "required", "/$defs/Command/required"),
        (
            lambda new: new["$defs"]["Command"]["properties"]["where"]["enum"].remove("b"),
            "enum",
            "/$defs/Command/properties/where/enum",
        ),
        (
            lambda new: new["$defs"]["Note"]["properties"].pop("text"),
            "additionalProperties",
            "/$defs/Note/additionalProperties",
        ),
    ],
)
def test_an_edit_within_an_alternative_is_found(edit: Any, rule: str, place: str, keyword: str) -> None:
    change = told(*union(edit, keyword=keyword))
    assert (change.rule, change.place) == (f"{rule}.tightened", place)


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
def test_an_alternative_that_is_gone_is_no_edit_of_another(keyword: str) -> None:
    change = told(*union(lambda new: new["properties"]["body"][keyword].pop(), keyword=keyword))
    assert (change.rule, change.place) == (f"{keyword}.tightened", f"/properties/body/{keyword}")


def test_towards_old_readers_the_place_is_in_the_old_schema() -> None:
    old, new = closed(a={"type": "string", "maxLength": 8}), closed(a={"type": "string", "maxLength": 9})
    (change,) = compare(parse(old), parse(new), direction=Direction.FORWARD).changes
    assert (change.rule, change.place) == ("maxLength.loosened", "/properties/a/maxLength")
    assert "A text that was short enough is refused" in change.what
