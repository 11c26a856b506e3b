"""The comparison: directions, what is said about a change, and several earlier schemas."""

from typing import Any

import pytest

from dome_spec.contracts.compatibility import Comparison, Direction, Verdict, compare, compare_all, parse


def closed(**members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members, "additionalProperties": False}


def compared(old: Any, new: Any, direction: Direction = Direction.BACKWARD) -> Comparison:
    return compare(parse(old), parse(new), direction=direction)


TEXT = {"type": "string"}


def test_an_optional_field_is_compatible_for_readers_and_breaks_closed_old_readers() -> None:
    old, new = closed(a=TEXT), closed(a=TEXT, b=TEXT)
    assert compared(old, new).verdict is Verdict.COMPATIBLE
    broken = compared(old, new, Direction.FORWARD)
    assert broken.verdict is Verdict.INCOMPATIBLE
    (change,) = broken.changes
    assert change.rule == "additionalProperties.loosened"
    assert change.witness is not None
    assert change.witness.document == {"b": ""}
    assert (change.witness.accepted_by, change.witness.refused_by) == ("new", "old")
    assert "Bring readers to the new schema" in change.remedy


def test_a_field_that_becomes_required_is_shown_by_a_document_without_it() -> None:
    (change,) = compared(closed(a=TEXT), {**closed(a=TEXT), "required": ["a"]}).changes
    assert change.verdict is Verdict.INCOMPATIBLE
    assert change.rule == "required.tightened"
    assert change.place == "/required"
    assert change.witness is not None
    assert change.witness.document == {}
    assert "A document without the field is refused" in change.what


def test_both_directions_are_two_questions() -> None:
    comparison = compared({"enum": ["a", "b"]}, {"enum": ["b", "c"]}, Direction.BOTH)
    assert {(change.direction, change.rule) for change in comparison.changes} == {
        (Direction.BACKWARD, "enum.tightened"),
        (Direction.FORWARD, "enum.loosened"),
    }


def test_three_edits_are_three_changes_each_at_its_place() -> None:
    old = closed(a={"type": "number"}, b=TEXT, c={"enum": ["x", "y"]})
    new = closed(a={"type": "integer"}, b={"type": "string", "maxLength": 3}, c={"enum": ["x"]})
    comparison = compared(old, new)
    assert sorted(change.place for change in comparison.changes) == [
        "/properties/a/type",
        "/properties/b/maxLength",
        "/properties/c/enum",
    ]


def test_a_changed_default_changes_the_meaning_and_nothing_else() -> None:
    comparison = compared(closed(a={**TEXT, "default": "x"}), closed(a={**TEXT, "default": "y"}))
    assert comparison.verdict is Verdict.MEANING_CHANGED
    assert [change.rule for change in comparison.changes] == ["default"]


def test_the_gravest_change_comes_first_and_gives_the_verdict() -> None:
    old = closed(a={**TEXT, "default": "x"}, b=TEXT)
    new = {**closed(a={**TEXT, "default": "y"}, b=TEXT), "required": ["b"]}
    comparison = compared(old, new)
    assert comparison.verdict is Verdict.INCOMPATIBLE
    assert [change.verdict for change in comparison.changes] == [Verdict.INCOMPATIBLE, Verdict.MEANING_CHANGED]


def test_an_open_question_says_what_stands_in_the_way() -> None:
    (change,) = compared({"const": "\u0663"}, {"pattern": "^\\d$"}).changes
    assert change.verdict is Verdict.UNDECIDED
    assert change.rule == "undecided"
    assert "What stands in the way: " in change.what


@pytest.mark.parametrize("direction", list(Direction))
def test_a_schema_is_compatible_with_itself(direction: Direction) -> None:
    one = {"$ref": "#/$defs/a", "$defs": {"a": {"properties": {"a": {"$ref": "#/$defs/a"}}, "pattern": "^(?=a)"}}}
    assert compared(one, one, direction) == Comparison(verdict=Verdict.COMPATIBLE, direction=direction)


def test_a_break_in_two_steps_is_a_break() -> None:
    first, second, third = closed(a=TEXT), {"type": "object"}, closed(a={"type": "integer"})
    assert compared(first, second).verdict is Verdict.COMPATIBLE
    olds = [parse(first), parse(second), parse(first)]
    comparison = compare_all(olds, parse(third), direction=Direction.BACKWARD)
    assert comparison.verdict is Verdict.INCOMPATIBLE
    assert "type.tightened" in {change.rule for change in comparison.changes}


def test_against_nothing_earlier_all_is_compatible() -> None:
    assert compare_all([], parse(closed(a=TEXT)), direction=Direction.BOTH).verdict is Verdict.COMPATIBLE


def test_the_same_break_against_two_earlier_schemas_is_said_once() -> None:
    olds = [parse({"enum": ["a", "b"]}), parse({"enum": ["a", "b", "c"]})]
    comparison = compare_all(olds, parse({"enum": ["a"]}), direction=Direction.BACKWARD)
    assert [change.rule for change in comparison.changes] == ["enum.tightened"]
