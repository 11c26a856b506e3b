"""No document contradicts a verdict of the compatibility engine, over generated pairs of schemas of all keywords."""

from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dome_spec.contracts.compatibility import Direction, SchemaRefused, Verdict, compare, parse
from tests.contract.schema_pairs.changes import equivalent, meaning_only
from tests.contract.schema_pairs.judge import Tally, judge, unverified
from tests.contract.schema_pairs.pairs import a_pair, pairs
from tests.contract.schema_pairs.schemas import a_schema
from tests.suite import tried

SEED = 20
STEPS = 1_000
STEPS_SLOW = 6_000
PAIRS = 2_500
SEEDS_SLOW = range(1, 11)
UNDECIDED_PERCENT_MAX = 5
FAULTS_SHOWN = 3

LAW = settings(
    max_examples=tried(150, few=40), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def held(capsys: pytest.CaptureFixture[str], *, seed: int, steps_max: int, count: int = PAIRS) -> None:
    tally = Tally(steps_max)
    for pair, chance in pairs(seed, count):
        judge(pair, chance, tally)
    with capsys.disabled():
        print(f"\ncompatibility engine: {tally.report()}")
    assert not tally.faults, "\n\n".join(tally.faults[:FAULTS_SHOWN])
    assert tally.pairs == count
    assert tally.undecided_percent <= UNDECIDED_PERCENT_MAX, "\n\n".join(tally.undecided[:FAULTS_SHOWN])


def test_no_document_contradicts_a_verdict_and_few_pairs_stay_undecided(capsys: pytest.CaptureFixture[str]) -> None:
    held(capsys, seed=SEED, steps_max=STEPS, count=PAIRS)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS_SLOW)
def test_no_document_contradicts_a_verdict_over_many_pairs(capsys: pytest.CaptureFixture[str], seed: int) -> None:
    held(capsys, seed=seed, steps_max=STEPS_SLOW)


@LAW
@given(st.randoms(use_true_random=False))
def test_no_document_that_hypothesis_finds_contradicts_a_verdict(chance: Random) -> None:
    pair = a_pair(chance)
    assume(pair is not None)
    assert pair is not None
    tally = Tally(STEPS)
    judge(pair, chance, tally)
    assert not tally.faults


def taken(schema: Any) -> Any:
    try:
        return parse(schema)
    except SchemaRefused:
        assume(False)


@LAW
@given(st.randoms(use_true_random=False), st.sampled_from(Direction))
def test_a_schema_is_compatible_with_itself(chance: Random, direction: Direction) -> None:
    schema = a_schema(chance)
    assert compare(taken(schema), taken(schema), direction=direction).verdict is Verdict.COMPATIBLE


@LAW
@given(st.randoms(use_true_random=False), st.sampled_from(Direction))
def test_a_schema_written_differently_is_not_called_a_break(chance: Random, direction: Direction) -> None:
    schema = a_schema(chance)
    other = equivalent(schema, chance)
    assert compare(taken(schema), taken(other), direction=direction).verdict is not Verdict.INCOMPATIBLE


@LAW
@given(st.randoms(use_true_random=False), st.sampled_from(Direction))
def test_a_change_of_meaning_is_never_called_a_break(chance: Random, direction: Direction) -> None:
    schema = a_schema(chance)
    other = meaning_only(schema, chance)
    verdict = compare(taken(schema), taken(other), direction=direction).verdict
    assert verdict in (Verdict.MEANING_CHANGED, Verdict.COMPATIBLE)


@LAW
@given(st.randoms(use_true_random=False))
def test_what_breaks_readers_of_the_new_schema_breaks_readers_of_the_old_when_turned_around(chance: Random) -> None:
    pair = a_pair(chance)
    assume(pair is not None)
    assert pair is not None
    there = compare(pair.old, pair.new, direction=Direction.BACKWARD)
    back = compare(pair.new, pair.old, direction=Direction.FORWARD)
    assert (there.verdict is Verdict.INCOMPATIBLE) == (back.verdict is Verdict.INCOMPATIBLE)
    assert not unverified(pair.new, pair.old, back)


@pytest.mark.parametrize("keyword", ["unevaluatedProperties", "unevaluatedItems"])
def test_what_is_not_evaluated_beside_a_recursion_is_compared(keyword: str) -> None:
    def schema(other: Any) -> Any:
        inner = {"$ref": "#", keyword: False}
        holder = {"properties": {"a": inner}} if keyword == "unevaluatedProperties" else {"items": inner}
        return parse({"anyOf": [holder, other]})

    texts, short = schema({"type": "string"}), schema({"type": "string", "maxLength": 2})
    for old, new in ((texts, short), (short, texts)):
        comparison = compare(old, new, direction=Direction.BACKWARD)
        assert not unverified(old, new, comparison)
