"""Changes that no document shows: which are told, where, and which are none."""

from typing import Any

import pytest

from dome_spec.contracts.compatibility import Direction, Verdict, parse
from dome_spec.contracts.compatibility.meaning import meaning_changes


def told(old: Any, new: Any, direction: Direction = Direction.BACKWARD) -> list[tuple[str, str]]:
    return [(change.rule, change.place) for change in meaning_changes(parse(old), parse(new), direction)]


def of(**keywords: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"a": {"type": "string", **keywords}}}


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ({"default": "x"}, {"default": "y"}, "default"),
        ({}, {"default": None}, "default"),
        ({"default": "x"}, {}, "default"),
        ({"x-dome-tier": "internal"}, {"x-dome-tier": "stable"}, "tier"),
        ({"description": "In seconds."}, {"description": "In minutes."}, "description"),
        ({"description": "In seconds."}, {}, "description"),
        ({}, {"deprecated": True}, "deprecated"),
        ({"readOnly": True}, {}, "read-only"),
        ({}, {"writeOnly": True}, "write-only"),
        ({"contentMediaType": "text/html"}, {"contentMediaType": "text/plain"}, "content"),
        ({"contentEncoding": "base64"}, {}, "content"),
        ({"contentSchema": {"type": "null"}}, {"contentSchema": {}}, "content"),
        ({"format": "colour"}, {"format": "color"}, "format-annotation"),
        ({"x-unit": "s"}, {"x-unit": "ms"}, "annotation"),
    ],
)
def test_a_changed_annotation_is_told_with_its_place(old: Any, new: Any, rule: str) -> None:
    [(name, place)] = told(of(**old), of(**new))
    assert name == rule
    assert place.startswith("/properties/a/")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"description": "In seconds."}, {"description": "in  SECONDS.\n"}),
        ({}, {"description": "Said at last."}),
        ({"title": "A", "examples": ["a"], "$comment": "b"}, {"title": "B"}),
        ({}, {"deprecated": False, "readOnly": False}),
        ({"x-unit": {"a": 1, "b": 2}}, {"x-unit": {"b": 2, "a": 1}}),
        ({"format": "date"}, {"format": "time"}),
        ({"minLength": 1}, {"minLength": 2}),
    ],
)
def test_what_is_no_change_of_meaning_is_not_told(old: Any, new: Any) -> None:
    assert told(of(**old), of(**new)) == []


def test_a_reference_is_followed_and_an_inlined_definition_is_the_same() -> None:
    text = {"type": "string", "description": "A name."}
    referred = {"properties": {"a": {"$ref": "#/$defs/name"}}, "$defs": {"name": text}}
    assert told(referred, {"properties": {"a": text}}) == []
    other = {"properties": {"a": {"$ref": "#/$defs/name"}}, "$defs": {"name": {**text, "description": "An id."}}}
    assert told(referred, other) == [("description", "/$defs/name/description")]


def test_what_stands_beside_a_reference_comes_before_what_it_names() -> None:
    def schema(inner: Any) -> dict[str, Any]:
        beside = {"$ref": "#/$defs/name", "description": "Who wrote it."}
        return {"properties": {"a": beside}, "$defs": {"name": {"type": "string", "description": inner}}}

    assert told(schema("A name."), schema("An id.")) == []


def test_a_schema_that_contains_itself_is_read_to_its_end_once() -> None:
    def tree(default: Any) -> dict[str, Any]:
        return {"properties": {"next": {"$ref": "#"}, "value": {"type": "integer", "default": default}}}

    assert told(tree(1), tree(2)) == [("default", "/properties/value/default")]


def test_alternatives_correspond_by_what_tells_them_apart_and_not_by_order() -> None:
    def kind(name: str, default: Any) -> dict[str, Any]:
        return {"properties": {"kind": {"const": name}, "size": {"default": default}}}

    old = {"oneOf": [kind("a", 1), kind("b", 2)]}
    assert told(old, {"oneOf": [kind("b", 2), kind("a", 1)]}) == []
    assert told(old, {"oneOf": [kind("b", 3), kind("a", 1)]}) == [("default", "/oneOf/0/properties/size/default")]


def test_values_that_old_readers_do_not_know_are_told_only_where_old_readers_are_not_compared() -> None:
    old, new = of(enum=["on", "off"]), of(enum=["on", "off", "auto"])
    assert told(old, new) == [("enum-growth", "/properties/a/enum")]
    assert told(old, new, Direction.FORWARD) == []
    assert told(old, new, Direction.BOTH) == []
    assert told(new, old) == []
    assert told({"const": "a"}, {"enum": ["a", "b"]}) == [("enum-growth", "/enum")]


def test_a_value_more_under_not_is_no_growth() -> None:
    assert told({"not": {"const": "a"}}, {"not": {"enum": ["a", "b"]}}) == []


def test_one_and_true_are_different_values() -> None:
    assert told(of(default=1), of(default=True)) == [("default", "/properties/a/default")]


def test_a_change_says_what_was_and_what_is() -> None:
    [change] = meaning_changes(parse(of(default="x")), parse(of(default="y")), Direction.BACKWARD)
    assert change.verdict is Verdict.MEANING_CHANGED
    assert '"x"' in change.what
    assert '"y"' in change.what
    assert change.witness is None
    assert change.remedy
