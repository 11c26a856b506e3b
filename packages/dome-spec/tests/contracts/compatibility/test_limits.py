"""Schemas that are written to keep a comparison busy: each ends within its budget, and says so where it is spent."""

import time
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from dome_spec.contracts.compatibility import (
    Acceptance,
    Comparison,
    Direction,
    Schema,
    SchemaFault,
    SchemaRefused,
    Verdict,
    compare,
    parse,
)

SECONDS_MAX = 10
"""Of work of this process, for one pair in both directions: several times what it takes."""
TEXT: Any = {"type": "string"}
WHOLE: Any = {"type": "integer"}
NUMBER: Any = {"type": "number"}
WORDS = [f"value-{number:05d}" for number in range(10_000)]
Wrap = Callable[[Any], Any]


def nested(levels: int, wrap: Wrap, leaf: Any) -> Any:
    for _ in range(levels):
        leaf = wrap(leaf)
    return leaf


def chained(length: int, wrap: Wrap, leaf: Any) -> Any:
    links = {f"d{number}": wrap({"$ref": f"#/$defs/d{number + 1}"}) for number in range(length)}
    return {"$ref": "#/$defs/d0", "$defs": {**links, f"d{length}": leaf}}


def closed(members: dict[str, Any], **more: Any) -> Any:
    return {"type": "object", "properties": members, "additionalProperties": False, **more}


def fields(count: int, more: int) -> dict[str, Any]:
    return {f"f{number}": {"type": "string", "maxLength": number + more} for number in range(count)}


def alike(count: int, more: int) -> list[Any]:
    """Branches that nothing tells apart at a glance."""
    return [
        {
            "type": "object",
            "properties": {f"p{number}": {"type": "integer", "minimum": number + more}, "q": {"maximum": number}},
            "minProperties": number % 3,
        }
        for number in range(count)
    ]


def clauses(variables: int, literal: Callable[[int], Any]) -> list[Any]:
    """A formula that is as hard as it gets: three variables in a clause, and a little over four clauses for each."""
    chance = Random(variables)
    return [
        {
            "anyOf": [
                literal(variable) if chance.random() < 0.5 else {"not": literal(variable)}
                for variable in chance.sample(range(variables), 3)
            ]
        }
        for _ in range(variables * 43 // 10)
    ]


def mutual(count: int, leaf: Any) -> Any:
    def node(number: int) -> Any:
        others = {"x": (number + 1) % count, "y": (number * 3 + 1) % count}
        return closed({"v": leaf, **{name: {"$ref": f"#/$defs/m{other}"} for name, other in others.items()}})

    return {"$ref": "#/$defs/m0", "$defs": {f"m{number}": node(number) for number in range(count)}}


def by_name(count: int, more: int) -> dict[str, Any]:
    return {f"^x{number}[a-z]*$": {"type": "integer", "minimum": number + more} for number in range(count)}


def overlapping(count: int, more: int) -> dict[str, Any]:
    return {f"[a-z]{{{number}}}{chr(97 + number % 26)}": {"minimum": number + more} for number in range(count)}


def dynamic(leaf: Any) -> Any:
    tree = {
        "$id": "tree",
        "$dynamicAnchor": "node",
        "type": "object",
        "properties": {"data": leaf, "children": {"type": "array", "items": {"$dynamicRef": "#node"}}},
    }
    top = {"$dynamicAnchor": "node", "$ref": "tree", "properties": {"e": leaf}, "unevaluatedProperties": False}
    return {"$id": "http://x.example/strict", **top, "$defs": {"tree": tree}}


def looking_ahead(most: int) -> str:
    return "^" + "".join(f"(?=.*{letter})" for letter in "abcdefgh") + f".{{8,{most}}}$"


def twice(keyword: str) -> Wrap:
    """Each definition refers to the next one twice, so that who follows references goes 2 to the power of them."""
    ways: dict[str, Wrap] = {
        "allOf": lambda each: {"allOf": [each, {"minLength": 0, **each}]},
        "anyOf": lambda each: {"anyOf": [each, {"maxLength": 1_000, **each}]},
        "oneOf": lambda each: {"oneOf": [each, {"not": each}]},
        "not": lambda each: {"not": {"anyOf": [each, {"not": each}]}},
        "if": lambda each: {"if": each, "then": each, "else": {"not": each}},
        "properties": lambda each: {
            "type": "object",
            "required": ["a"],
            "allOf": [{"properties": {"a": each}}, {"properties": {"a": {"allOf": [each]}}}],
        },
    }
    return ways[keyword]


HARD: dict[str, tuple[Any, Any]] = {
    "deep properties": (
        nested(98, lambda each: {"properties": {"a": each}}, WHOLE),
        nested(98, lambda each: {"properties": {"a": each}}, NUMBER),
    ),
    "deep items": (
        nested(198, lambda each: {"items": each}, WHOLE),
        nested(198, lambda each: {"items": each}, NUMBER),
    ),
    "deep not": (
        nested(190, lambda each: {"not": each, "minLength": 1}, WHOLE),
        nested(190, lambda each: {"not": each, "minLength": 2}, NUMBER),
    ),
    "deep if": (
        nested(190, lambda each: {"if": each, "then": {"minimum": 1}, "else": {"maximum": 9}}, WHOLE),
        nested(190, lambda each: {"if": each, "then": {"minimum": 2}, "else": {"maximum": 9}}, NUMBER),
    ),
    "deep oneOf": (
        nested(98, lambda each: {"oneOf": [each, {"minLength": 1}, {"multipleOf": 3}]}, WHOLE),
        nested(98, lambda each: {"oneOf": [{"minLength": 2}, each, {"multipleOf": 3}]}, NUMBER),
    ),
    "a long chain": (
        chained(4_900, lambda each: each, WHOLE),
        chained(4_900, lambda each: each, NUMBER),
    ),
    "a long chain of properties": (
        chained(4_900, lambda each: {"properties": {"a": each}}, WHOLE),
        chained(4_900, lambda each: {"properties": {"a": each}}, NUMBER),
    ),
    **{
        f"300 branches of {keyword}": ({keyword: alike(300, 0)}, {keyword: alike(300, 1)})
        for keyword in ("oneOf", "anyOf", "allOf")
    },
    "many words": ({"enum": WORDS}, {"enum": [*WORDS, "z"]}),
    "many words and a pattern": ({"enum": WORDS}, {"type": "string", "pattern": "^value-[0-9]{5}$"}),
    "many objects": (
        {"enum": [{"a": number, "b": [number]} for number in range(2_000)]},
        {"enum": [{"a": number, "b": [number]} for number in range(1_999)]},
    ),
    "2,000 fields": (closed(fields(2_000, 1)), closed(fields(2_000, 2))),
    "2,000 required fields": (
        closed(fields(2_000, 1), required=list(fields(2_000, 1))),
        closed(fields(2_000, 2), required=list(fields(2_000, 2))[1:]),
    ),
    "300 patterns of names": ({"patternProperties": by_name(300, 0)}, {"patternProperties": by_name(300, 1)}),
    "closed patterns of names": (
        {"patternProperties": by_name(300, 1), "additionalProperties": False},
        {"patternProperties": by_name(300, 0), "additionalProperties": False},
    ),
    "overlapping patterns of names": (
        {"patternProperties": overlapping(60, 0)},
        {"patternProperties": overlapping(60, 1)},
    ),
    "an exponential automaton": ({"pattern": "^(a|b)*a(a|b){18}$"}, {"pattern": "^(a|b)*a(a|b){17}$"}),
    "many ways to leave out": ({"pattern": "^(a?){9000}b$"}, {"pattern": "^(a?){8999}b$"}),
    "looking ahead": ({"pattern": looking_ahead(20)}, {"pattern": looking_ahead(19)}),
    "a long pattern": (
        {"pattern": f"^({'|'.join(WORDS[:1500])})$"},
        {"pattern": f"^({'|'.join(WORDS[1:1500])})$"},
    ),
    "nested counts": ({"pattern": "^((a{1,20}b){1,20}c){1,20}$"}, {"pattern": "^((a{1,20}b){1,20}c){1,19}$"}),
    "long texts": ({"maxLength": 10**9}, {"maxLength": 10**9 - 1}),
    "long arrays": ({"type": "array", "minItems": 10**9}, {"type": "array", "minItems": 10**9 + 1}),
    "large numbers": ({"maximum": 2**4000}, {"maximum": 2**4000 - 1}),
    "fine steps": ({"multipleOf": 1e-300, "maximum": 1e300}, {"multipleOf": 1e-299, "maximum": 1e300}),
    "many different items": (
        {"type": "array", "minItems": 2_000, "uniqueItems": True, "items": {"type": "object"}},
        {"type": "array", "minItems": 2_001, "uniqueItems": True},
    ),
    "items to be contained": (
        {"type": "array", "maxItems": 11, "allOf": [{"contains": {"const": number}} for number in range(12)]},
        False,
    ),
    "what is not evaluated": (
        {"anyOf": [{"properties": {f"p{n}": {"$ref": "#"}}} for n in range(8)], "unevaluatedProperties": False},
        {"anyOf": [{"properties": {f"p{n}": {"$ref": "#"}}} for n in range(7)], "unevaluatedProperties": False},
    ),
    "a tower of what is not evaluated": (
        nested(60, lambda each: {"allOf": [each], "properties": {"b": {}}, "unevaluatedProperties": False}, {}),
        nested(60, lambda each: {"anyOf": [each], "properties": {"b": {}}, "unevaluatedProperties": False}, {}),
    ),
    "a hard formula": (
        {"type": "object", "allOf": clauses(100, lambda variable: {"required": [f"v{variable}"]})},
        {"type": "object", "minProperties": 100},
    ),
    "a hard formula of patterns": (
        {"type": "string", "allOf": clauses(20, lambda variable: {"pattern": chr(97 + variable)})},
        {"maxLength": 0},
    ),
    "mutual recursion": (mutual(400, WHOLE), mutual(401, NUMBER)),
    "a dynamic tree": (dynamic(TEXT), dynamic({"type": "string", "maxLength": 4})),
    **{
        f"twice by {keyword}, {length} times": (
            chained(length, twice(keyword), WHOLE),
            chained(length, twice(keyword), NUMBER),
        )
        for keyword in ("allOf", "anyOf", "oneOf", "not", "if", "properties")
        for length in (12, 35)
    },
}


# As hard in another way as those that stay, and longer.
LONG = {
    "deep if", "a long chain of properties", "300 branches of anyOf", "many objects", "2,000 required fields",
    "many ways to leave out", "looking ahead", "a long pattern", "what is not evaluated", "a hard formula",
    "mutual recursion", "twice by properties, 12 times",
}  # fmt: skip
BUDGETS = {
    "a long chain": "nested too deep",
    "300 branches of oneOf": "the proof takes more than",
    "long texts": "texts of more than",
    "long arrays": "arrays of more than",
    "twice by allOf, 35 times": "takes the validators too long",
}
"""What is said of those that a budget ends."""


def confirmed(comparison: Comparison, old: Schema, new: Schema) -> bool:
    sides = {"old": Acceptance(old), "new": Acceptance(new)}
    witnesses = [change.witness for change in comparison.changes if change.witness is not None]
    return all(
        sides[each.accepted_by].accepts(each.document) and not sides[each.refused_by].accepts(each.document)
        for each in witnesses
    )


@pytest.mark.parametrize("name", [pytest.param(each, marks=pytest.mark.slow if each in LONG else ()) for each in HARD])
def test_a_comparison_ends_and_says_at_which_budget(name: str) -> None:
    first, second = HARD[name]
    began = time.process_time()
    old, new = parse(first), parse(second)
    comparison = compare(old, new, direction=Direction.BOTH)
    assert time.process_time() - began < SECONDS_MAX
    assert confirmed(comparison, old, new)
    undecided = [change.what for change in comparison.changes if change.verdict is Verdict.UNDECIDED]
    assert name not in BUDGETS or any(BUDGETS[name] in what for what in undecided)


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("2,000 fields", Verdict.COMPATIBLE),
        ("2,000 required fields", Verdict.COMPATIBLE),
        ("many words", Verdict.MEANING_CHANGED),
        ("many words and a pattern", Verdict.COMPATIBLE),
        ("deep oneOf", Verdict.COMPATIBLE),
        ("many different items", Verdict.INCOMPATIBLE),
        ("large numbers", Verdict.INCOMPATIBLE),
        ("a dynamic tree", Verdict.INCOMPATIBLE),
    ],
)
def test_what_is_large_and_plain_is_decided(name: str, verdict: Verdict) -> None:
    first, second = HARD[name]
    found = compare(parse(first), parse(second), direction=Direction.BACKWARD)
    assert [each.verdict for each in found.changes if each.verdict is Verdict.UNDECIDED] == []
    assert found.verdict is verdict


def test_the_answer_does_not_depend_on_what_was_asked_before() -> None:
    first, second = parse({"pattern": "^(a|b)*a(a|b){13}$"}), parse({"pattern": "^(a|b)*a(a|b){12}c?$"})
    answers = []
    for _ in range(3):
        answers.append(compare(first, second, direction=Direction.BOTH))
        compare(parse({"pattern": "^(a|b)*a(a|b){13}$"}), parse({"pattern": "^[ab]*$"}), direction=Direction.BOTH)
    assert answers[0] == answers[1] == answers[2]


@pytest.mark.parametrize("keyword", ["unevaluatedProperties", "unevaluatedItems"])
def test_what_a_validator_would_never_finish_to_build_is_refused(keyword: str) -> None:
    endless = {**chained(40, twice("allOf"), {"properties": {"a": {}}}), keyword: False}
    for schema in (endless, {"properties": {"far": {"items": {**endless, "$id": "far"}}}}):
        with pytest.raises(SchemaRefused) as refused:
            parse(schema)
        assert refused.value.reason is SchemaFault.TOO_LARGE
        assert "unevaluated" in refused.value.what
    assert parse({**chained(8, twice("allOf"), {"properties": {"a": {}}}), keyword: False}).undecidable == ()
