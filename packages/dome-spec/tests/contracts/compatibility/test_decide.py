"""The decision: a proof, a document that both validators confirm, or neither; and never a guess."""

from typing import Any

import pytest

from dome_spec.contracts.compatibility import Acceptance, parse
from dome_spec.contracts.compatibility.decide import Covered, NotCovered, Pair, Undecided, covers


def decided(wider: Any, narrower: Any) -> Covered | NotCovered | Undecided:
    wide, narrow = parse(wider), parse(narrower)
    answer = covers(wide, narrow)
    if isinstance(answer, NotCovered):
        assert Acceptance(narrow).accepts(answer.document)
        assert Acceptance(narrow).confirms_acceptance(answer.document)
        assert not Acceptance(wide).accepts(answer.document)
        assert Acceptance(wide).confirms_refusal(answer.document)
    return answer


def test_what_is_written_alike_is_covered() -> None:
    one = {"type": "string", "maxLength": 3}
    assert decided(one, {"maxLength": 3, "type": "string"}) == Covered()


def test_a_wider_schema_covers_and_the_narrower_one_does_not() -> None:
    wider, narrower = {"type": "string"}, {"type": "string", "minLength": 1}
    assert decided(wider, narrower) == Covered()
    assert decided(narrower, wider) == NotCovered("")


def test_patterns_are_compared_by_their_languages() -> None:
    wider, narrower = {"pattern": "^[a-z]{1,5}$"}, {"type": "string", "pattern": "^(ab|c)d?$"}
    assert decided(wider, narrower) == Covered()
    assert isinstance(decided(narrower, wider), NotCovered)


def test_a_schema_that_contains_itself_is_compared_at_every_level() -> None:
    def tree(leaf: Any) -> Any:
        node = {"type": "object", "properties": {"value": leaf, "next": {"$ref": "#/$defs/node"}}}
        return {"$ref": "#/$defs/node", "$defs": {"node": node}}

    assert decided(tree({"type": "number"}), tree({"type": "integer"})) == Covered()
    assert isinstance(decided(tree({"type": "integer"}), tree({"type": "number"})), NotCovered)


def test_a_dynamic_reference_is_compared_by_what_it_leads_to() -> None:
    def dynamic(leaf: Any) -> Any:
        anchors = {"leaf": {"$dynamicAnchor": "leaf", **leaf}}
        return {"type": "array", "items": {"$dynamicRef": "#leaf"}, "$defs": anchors}

    assert decided(dynamic({"type": "number"}), dynamic({"type": "integer"})) == Covered()
    assert isinstance(decided(dynamic({"type": "integer"}), dynamic({"type": "number"})), NotCovered)


def test_what_no_keyword_speaks_of_may_still_be_evaluated_by_a_branch() -> None:
    branches = [{"prefixItems": [True]}, {"contains": {"type": "string"}}]
    wider = {"type": "array", "anyOf": branches, "unevaluatedItems": False}
    assert decided(wider, {"type": "array", "minItems": 1, "items": {"type": "string"}}) == Covered()
    assert decided(wider, {"type": "array"}) == NotCovered([None, None])


def test_out_of_steps_and_out_of_documents_is_undecided() -> None:
    holes = 5
    somewhere = [{"anyOf": [{"required": [f"{guest}.{hole}"]} for hole in range(holes)]} for guest in range(holes + 1)]
    alone = [
        {"not": {"required": [f"{one}.{hole}", f"{other}.{hole}"]}}
        for hole in range(holes)
        for one in range(holes + 1)
        for other in range(one)
    ]
    wider, narrower = parse({"not": {"allOf": [*somewhere, *alone]}}), parse({"type": "object", "minProperties": 1})
    answer = covers(wider, narrower, steps_max=100)
    assert isinstance(answer, Undecided)
    assert "100 steps" in answer.why
    assert covers(wider, narrower) == Covered()


def test_a_text_on_which_the_validators_part_is_no_witness() -> None:
    # A digit of another script: no digit to the validator that says what is accepted, and one to the other.
    answer = decided({"pattern": "^\\d$"}, {"const": "\u0663"})
    assert isinstance(answer, Undecided)
    assert "do not agree" in answer.why


def test_where_the_validators_part_over_one_document_another_one_is_looked_for() -> None:
    # An Arabic digit is none to the first judge and one to the second; a letter is none to both.
    answer = decided({"pattern": "^\\d$"}, {"enum": ["\u0663", "x"]})
    assert answer == NotCovered("x")


def test_a_pattern_that_cannot_be_read_leaves_open_only_what_depends_on_it() -> None:
    def schema(**more: Any) -> Any:
        members = {"a": {"type": "string", "pattern": r"\bb"}, "b": {"type": "integer"}, **more}
        return {"type": "object", "properties": members, "required": ["a"], "additionalProperties": False}

    assert decided(schema(c={}), schema()) == Covered()
    answer = decided(schema(), schema(c={}))
    assert isinstance(answer, Undecided)
    assert "word boundary" in answer.why


def test_every_broken_statement_is_shown_by_a_document_of_its_own() -> None:
    old = {"type": "object", "properties": {"a": {"type": "number"}, "b": {"type": "string"}}}
    new = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"maxLength": 3}}, "required": ["c"]}
    shown = Pair(parse(old), parse(new)).breaks(wider="second")
    assert len(shown) == 3
    assert all(isinstance(each, NotCovered) for each in shown)


@pytest.mark.parametrize("wider", [True, {}, {"type": ["null", "boolean", "number", "string", "array", "object"]}])
def test_everything_covers_anything(wider: Any) -> None:
    assert decided(wider, {"type": "object", "minProperties": 1}) == Covered()


@pytest.mark.parametrize(
    "narrower", [False, {"not": {}}, {"type": "array", "minItems": 2, "maxItems": 1}, {"enum": []}]
)
def test_nothing_is_covered_by_anything(narrower: Any) -> None:
    assert decided({"const": 1}, narrower if narrower != {"enum": []} else False) == Covered()


def test_null_is_a_document_like_any_other() -> None:
    assert decided({"type": "string"}, {"type": ["null", "string"]}) == NotCovered(None)
