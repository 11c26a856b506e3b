"""The rule table, held against the engine row by row."""

from collections import Counter

import pytest

from dome_spec.contracts.compatibility import RULES, Acceptance, Direction, Verdict, compare, parse
from dome_spec.contracts.compatibility.rule_table import LOOSE_AND_TIGHT, Example, examples
from dome_spec.contracts.compatibility.rules import ACCEPTS_LESS, UNDECIDED, loosened, tightened

ROWS = list(examples())
# What the dialect says, keyword by keyword: applicator, validation, unevaluated and format vocabularies.
KEYWORDS = {
    "prefixItems", "items", "contains", "additionalProperties", "properties", "patternProperties", "dependentSchemas",
    "propertyNames", "if", "then", "else", "allOf", "anyOf", "oneOf", "not", "type", "const", "enum", "multipleOf",
    "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern", "maxItems",
    "minItems", "uniqueItems", "maxContains", "minContains", "maxProperties", "minProperties", "required",
    "dependentRequired", "unevaluatedItems", "unevaluatedProperties", "format", "$ref", "$defs", "$dynamicRef",
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.rule.id}-{row.direction}")
def test_the_engine_says_what_the_table_says(row: Example) -> None:
    old, new = parse(row.old), parse(row.new)
    comparison = compare(old, new, direction=row.direction)
    assert comparison.verdict is row.verdict
    witnesses = [change.witness for change in comparison.changes if change.witness is not None]
    assert bool(witnesses) is (row.verdict is Verdict.INCOMPATIBLE)
    for witness in witnesses:
        sides = {"old": Acceptance(old), "new": Acceptance(new)}
        accepting, refusing = sides[witness.accepted_by], sides[witness.refused_by]
        assert accepting.accepts(witness.document)
        assert accepting.confirms_acceptance(witness.document)
        assert not refusing.accepts(witness.document)
        assert refusing.confirms_refusal(witness.document)


def test_every_keyword_has_a_row_in_both_directions() -> None:
    shown = {keyword for keyword, _, _ in LOOSE_AND_TIGHT}
    assert shown >= KEYWORDS
    assert shown - KEYWORDS == {"recursion", "false"}
    towards = Counter((row.rule.id, row.direction) for row in ROWS)
    for keyword in shown:
        for rule in (tightened(keyword), loosened(keyword)):
            assert all(towards[rule.id, direction] for direction in (Direction.BACKWARD, Direction.FORWARD))


def test_every_rule_has_a_row_or_is_for_what_no_rule_fits() -> None:
    shown = {row.rule.id for row in ROWS}
    assert {rule.id for rule in RULES} - shown == {ACCEPTS_LESS.id, UNDECIDED.id}


def test_rules_have_names_of_their_own_and_say_what_to_do() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert all(rule.what.endswith(".") and rule.remedy.endswith(".") for rule in RULES)


def test_an_unknown_keyword_has_a_rule_too() -> None:
    assert tightened("x-unheard-of") is ACCEPTS_LESS


def test_every_change_that_the_engine_tells_names_a_rule() -> None:
    known = {rule.id for rule in RULES}
    for row in ROWS:
        for change in compare(parse(row.old), parse(row.new), direction=row.direction).changes:
            assert change.rule in known
