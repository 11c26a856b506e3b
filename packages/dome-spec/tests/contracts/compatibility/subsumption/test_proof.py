"""The proof, keyword family by keyword family: what it proves is so, and what it refutes it shows."""

from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from dome_spec.contracts.compatibility.subsumption import Model, NoModel, Open, Proof

PROVEN: list[tuple[str, Any, Any]] = [
    ("bounds", {"minimum": 0}, {"type": "integer", "exclusiveMinimum": 0}),
    ("a bound between whole numbers", {"minimum": 1}, {"type": "integer", "minimum": 0.5}),
    ("steps", {"multipleOf": 0.1}, {"type": "number", "multipleOf": 0.3}),
    ("steps that never meet", False, {"type": "integer", "minimum": 4, "maximum": 5, "multipleOf": 3}),
    ("lengths", {"maxLength": 5}, {"enum": ["a", "bb", 7]}),
    ("two patterns at once", {"pattern": "^[ab]"}, {"allOf": [{"pattern": "^[bc]"}, {"pattern": "^[ab]"}]}),
    ("a format and its shape", {"minLength": 36, "maxLength": 36}, {"type": "string", "format": "uuid"}),
    ("a format from a pattern", {"format": "uri"}, {"type": "string", "pattern": "^https://[a-z]+[.]example$"}),
    ("a format inside another", {"format": "uri-reference"}, {"type": "string", "format": "uri"}),
    ("items", {"items": {"type": "number"}}, {"prefixItems": [{"type": "integer"}], "items": {"enum": [1, 2]}}),
    ("a count of items", {"contains": {"type": "string"}}, {"type": "array", "minItems": 1, "items": {"const": "a"}}),
    ("an upper count", {"contains": {}, "maxContains": 3}, {"type": "array", "minItems": 1, "maxItems": 3}),
    ("few different values", {"maxItems": 2}, {"type": "array", "uniqueItems": True, "items": {"type": "boolean"}}),
    ("equal items", {"not": {"uniqueItems": True}}, {"type": "array", "minItems": 2, "items": {"const": 1}}),
    ("long arrays", {"minItems": 999}, {"type": "array", "minItems": 1000, "items": {"type": "string"}}),
    ("closed names", {"maxProperties": 2}, {"propertyNames": {"enum": ["a", "b"]}}),
    ("a pattern of names", {"patternProperties": {"^x": {"type": "integer"}}}, {"additionalProperties": {"const": 1}}),
    ("names", {"additionalProperties": False, "properties": {"a": {}}}, {"propertyNames": {"pattern": "^a$"}}),
    ("dependencies", {"dependentRequired": {"a": ["c"]}}, {"dependentRequired": {"a": ["b"], "b": ["c"]}}),
    ("a dependent schema", {"dependentSchemas": {"a": {"required": ["b"]}}}, {"dependentRequired": {"a": ["b"]}}),
    ("alternatives", {"anyOf": [{"type": "string"}, {"minimum": 0}]}, {"oneOf": [{"const": "a"}, {"const": 3}]}),
    ("a condition", {"if": {"minimum": 5}, "then": {"multipleOf": 2}}, {"type": "integer", "multipleOf": 4}),
    ("a contradiction", {"type": "string"}, {"type": "object", "required": ["a"], "properties": {"a": False}}),
    (
        "evaluated by a branch",
        {"properties": {"a": {}}, "anyOf": [{"properties": {"b": {}}}, {}], "unevaluatedProperties": False},
        {"type": "object", "properties": {"a": {}, "b": {}}, "additionalProperties": False},
    ),
    (
        "a list of lists of itself",
        {"$ref": "#/$defs/a", "$defs": {"a": {"items": {"$ref": "#/$defs/a"}}}},
        {"$ref": "#/$defs/b", "$defs": {"b": {"type": "array", "maxItems": 2, "items": {"$ref": "#/$defs/b"}}}},
    ),
    (
        "no document is endless",
        False,
        {"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#"}}},
    ),
    (
        "two definitions that hold each other",
        {
            "$ref": "#/$defs/a",
            "$defs": {"a": {"properties": {"b": {"$ref": "#/$defs/b"}}}, "b": {"items": {"$ref": "#/$defs/a"}}},
        },
        {
            "$ref": "#/$defs/a",
            "$defs": {
                "a": {"type": "object", "properties": {"b": {"$ref": "#/$defs/b"}}},
                "b": {"type": "array", "items": {"$ref": "#/$defs/a"}},
            },
        },
    ),
]  # fmt: skip

REFUTED: list[tuple[str, Any, Any]] = [
    ("one more value", {"enum": [1, 2]}, {"enum": [1, 2, 3]}),
    ("true is not 1", {"const": 1}, {"const": True}),
    ("a number between", {"type": "integer"}, {"type": "number", "minimum": 1, "maximum": 2}),
    ("a step between", {"multipleOf": 0.3}, {"type": "number", "multipleOf": 0.1}),
    ("a longer text", {"maxLength": 4096}, {"type": "string", "pattern": "^a+$"}),
    ("a text without the format", {"format": "date"}, {"type": "string", "format": "date-time"}),
    ("a text of the format", {"not": {"format": "ipv4"}}, {"type": "string", "minLength": 9}),
    ("a later item", {"items": {"type": "string"}}, {"type": "array", "prefixItems": [{"type": "string"}]}),
    ("many items", {"maxItems": 1000}, {"type": "array", "maxItems": 1001}),
    ("many different items", {"maxItems": 99}, {"type": "array", "uniqueItems": True, "items": {"type": "string"}}),
    ("one too few", {"contains": {"const": 1}, "minContains": 3}, {"type": "array", "contains": {"const": 1}}),
    ("one too many", {"contains": {"const": 1}, "maxContains": 2}, {"type": "array", "items": {"type": "integer"}}),
    ("two alike", {"uniqueItems": True}, {"type": "array", "maxItems": 2}),
    ("an unknown name", {"additionalProperties": False, "properties": {"a": {}}}, {"type": "object"}),
    ("a name outside a pattern", {"propertyNames": {"pattern": "^[a-z]+$"}}, {"patternProperties": {"^[A-Z]": {}}}),
    ("a name in two patterns", {"patternProperties": {"^a.*b$": False}}, {"patternProperties": {"^a": {"minimum": 1}}}),
    ("many properties", {"maxProperties": 100}, {"type": "object", "additionalProperties": {"type": "integer"}}),
    ("two at once", {"oneOf": [{"minimum": 1}, {"maximum": 3}]}, {"anyOf": [{"minimum": 1}, {"maximum": 3}]}),
    ("unevaluated", {"anyOf": [{"properties": {"b": {}}}, {}], "unevaluatedProperties": False}, {"type": "object"}),
    (
        "at the second level",
        {"type": "object", "properties": {"a": {"$ref": "#"}, "v": {"maxLength": 3}}},
        {"type": "object", "properties": {"a": {"$ref": "#"}, "v": {"maxLength": 4}}},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("wider", "narrower"), [row[1:] for row in PROVEN], ids=[row[0] for row in PROVEN])
def test_what_is_covered_is_proven(wider: Any, narrower: Any) -> None:
    assert Proof(wider, narrower).refutation(wider="first") == NoModel()


@pytest.mark.parametrize(("wider", "narrower"), [row[1:] for row in REFUTED], ids=[row[0] for row in REFUTED])
def test_what_is_not_covered_is_refuted_by_a_document(wider: Any, narrower: Any) -> None:
    outcome = Proof(wider, narrower).refutation(wider="first")
    assert isinstance(outcome, Model)
    assert Draft202012Validator(narrower, validate_formats=True).is_valid(outcome.value)
    assert not Draft202012Validator(wider, validate_formats=True).is_valid(outcome.value)


def test_both_directions_come_from_one_reading() -> None:
    proof = Proof({"type": "number"}, {"type": "integer"})
    assert proof.refutation(wider="first") == NoModel()
    assert isinstance(proof.refutation(wider="second"), Model)


def test_a_proof_has_a_budget() -> None:
    branches = [{"required": [f"a{number}"]} for number in range(20)]
    outcome = Proof({"oneOf": branches}, {"oneOf": branches[::-1]}, steps_max=50).refutation(wider="first")
    assert outcome == Open("the proof takes more than 50 steps")


def test_an_unevaluated_keyword_beside_many_conditions_is_left_open() -> None:
    branches = [{"properties": {f"a{number}": {}}, "required": [f"b{number}"]} for number in range(12)]
    outcome = Proof({"anyOf": branches, "unevaluatedProperties": False}, {}).refutation(wider="first")
    assert isinstance(outcome, Open)
    assert "12 conditions" in outcome.why


def test_conditions_that_evaluate_nothing_further_do_not_count() -> None:
    branches = [
        {"if": {"properties": {"k": {"const": number}}}, "then": {"properties": {"v": {}}}} for number in range(40)
    ]
    whole = {"type": "object", "properties": {"k": {}, "v": {}}, "allOf": branches, "unevaluatedProperties": False}
    assert Proof(whole, {**whole, "required": ["k"]}).refutation(wider="first") == NoModel()


def test_what_could_not_be_resolved_is_left_open() -> None:
    outcome = Proof({"$dynamicRef": "#a"}, {}).refutation(wider="first")
    assert isinstance(outcome, Open)
    assert "$dynamicRef" in outcome.why


def test_nesting_beyond_the_limit_is_left_open() -> None:
    def nested(leaf: Any) -> Any:
        for _ in range(60):
            leaf = {"type": "object", "required": ["a"], "properties": {"a": leaf}}
        return leaf

    outcome = Proof(nested({"type": "integer"}), nested({"type": "number"})).refutation(wider="first")
    assert outcome == Open("the schemas are nested too deep")


def test_definitions_of_the_same_text_are_one_only_if_what_they_refer_to_is() -> None:
    def schema(leaf: Any) -> Any:
        return {"$ref": "#/$defs/a", "$defs": {"a": {"type": "array", "items": {"$ref": "#/$defs/b"}}, "b": leaf}}

    assert isinstance(Proof(schema({"const": 1}), schema({"const": True})).refutation(wider="first"), Model)
    assert Proof(schema({"const": 1}), schema({"const": 1.0})).refutation(wider="first") == NoModel()


def test_what_was_found_out_within_a_recursion_holds_for_the_rest_of_it() -> None:
    def mutual(count: int, leaf: Any) -> Any:
        def node(number: int) -> Any:
            others = {"x": (number + 1) % count, "y": (number * 3 + 1) % count}
            members = {name: {"$ref": f"#/$defs/m{other}"} for name, other in others.items()}
            return {"type": "object", "properties": {"v": leaf, **members}, "additionalProperties": False}

        return {"$ref": "#/$defs/m0", "$defs": {f"m{number}": node(number) for number in range(count)}}

    wide, narrow = mutual(4, {"type": "number"}), mutual(5, {"type": "integer"})
    assert Proof(wide, narrow, steps_max=2_000).refutation(wider="first") == NoModel()
    assert isinstance(Proof(wide, narrow, steps_max=2_000).refutation(wider="second"), Model)


def test_a_large_object_is_settled_field_by_field() -> None:
    def closed(more: int) -> Any:
        members = {f"f{number}": {"type": "string", "maxLength": number + more} for number in range(1_000)}
        return {"type": "object", "properties": members, "additionalProperties": False}

    assert Proof(closed(2), closed(1), steps_max=20_000).refutation(wider="first") == NoModel()


@pytest.mark.parametrize(
    "items",
    [
        {},
        {"type": "string"},
        {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
        {"type": "string", "pattern": "^[A-Z][A-Z0-9_]*([.][A-Z]+)+$", "maxLength": 12},
        {"type": "integer", "maximum": 0},
        {"type": "object", "required": ["id"], "properties": {"id": {"pattern": "^[a-z]{9}$", "type": "string"}}},
        {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 1},
        {"type": "object", "properties": {"a": {"const": 1}}},
    ],
)
def test_many_different_items_are_found(items: Any) -> None:
    many = {"type": "array", "uniqueItems": True, "items": items, "minItems": 1_000}
    outcome = Proof({"maxItems": 999}, many, steps_max=20_000).refutation(wider="first")
    assert isinstance(outcome, Model)
    assert Draft202012Validator(many).is_valid(outcome.value)


def test_too_few_different_items_are_no_array() -> None:
    few = {"type": "array", "uniqueItems": True, "items": {"enum": list("abcdefgh")}, "minItems": 9}
    assert Proof(False, few).refutation(wider="first") == NoModel()
