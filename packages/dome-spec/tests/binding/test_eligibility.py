"""When a capsule may be applied, and every reason why not: deterministic in the moment that is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dome_contracts.schema.knowledge.binder_policy import BinderPolicy, RolloutStage
from dome_contracts.schema.knowledge.capsule import Capsule, CapsuleUse, Eligibility
from dome_contracts.schema.knowledge.fact import Fact
from dome_spec.binding import (
    Conformance,
    Learnt,
    MemoryModel,
    Policy,
    Remedy,
    TaskColumns,
    Verifier,
    capsule_document,
    confidence,
    judge,
)
from dome_spec.kernel import read_document
from tests import histories
from tests.histories import NOON, a_failure, a_policy, a_success, a_task, a_wrapper, outcome
from tests.suite import tried

POLICY = a_policy()
HORIZON_S = POLICY.document.staleness.horizon_s


@dataclass(frozen=True)
class Known:
    """Verifies everything, but for what a test says."""

    missing: frozenset[str] = frozenset()
    tool: Conformance = Conformance.CONFORMS
    refused: str | None = None
    asked: list[str] = field(default_factory=list)

    def resolves(self, digest: str) -> bool:
        self.asked.append(digest)
        return digest not in self.missing

    def conformance(self, skill_id: str, tool_version: str) -> Conformance:
        return self.tool

    def refusal(self, task: TaskColumns, remedy: Remedy) -> str | None:
        return self.refused


def learnt(told: Sequence[Fact]) -> Learnt:
    memory = MemoryModel(POLICY)
    memory.append(told)
    (found,) = memory.capsules()
    return found


def successes(count: int, *, start: int = 0) -> list[Fact]:
    return [fact for number in range(start, start + count) for fact in a_success(number, second=number)]


def judged(
    told: Sequence[Fact],
    *,
    after_s: float = 100,
    stage: RolloutStage = RolloutStage.PRESCRIPTIVE,
    verifier: Verifier | None = None,
    fingerprint_hash: str | None = None,
) -> Eligibility:
    return judge(
        learnt(told),
        POLICY,
        now=NOON + timedelta(seconds=after_s),
        stage=stage,
        verifier=verifier or Known(),
        fingerprint_hash=fingerprint_hash,
    )


def codes(eligibility: Eligibility) -> list[str]:
    return [each.code.value for each in eligibility.reasons]


def test_what_is_sure_fresh_permitted_and_verifiable_prescribes() -> None:
    assert judged(successes(6)).use is CapsuleUse.PRESCRIPTIVE


def test_every_reason_is_told_in_the_order_of_the_codes() -> None:
    told = [*successes(1), *a_failure(1, second=2)]
    verifier = Known(tool=Conformance.NONDETERMINISTIC, refused="GUARD.DENIED", missing=frozenset({remedy_proof(told)}))
    late = 10 + HORIZON_S
    found = judged(
        told, after_s=late, stage=RolloutStage.GUIDED, verifier=verifier, fingerprint_hash=histories.sha("x")
    )
    assert found.use is CapsuleUse.ADVISORY
    assert codes(found) == [
        "confidence_low", "contradicted", "evidence_unresolved", "fingerprint_differs", "policy_incompatible",
        "rollout_stage", "stale", "support_low", "tool_nondeterministic",
    ]  # fmt: skip


def remedy_proof(told: Sequence[Fact]) -> str:
    remedy = learnt(told).remedy
    assert remedy is not None
    return remedy.proofs[0].digest


def test_a_capsule_without_a_success_has_no_remedy() -> None:
    assert codes(judged(a_failure())) == ["confidence_low", "remedy_missing", "support_low"]


def test_a_contradiction_takes_back_what_was_prescriptive_and_a_success_gives_it_again() -> None:
    told = successes(12)
    assert judged(told).use is CapsuleUse.PRESCRIPTIVE
    told += a_failure(20, second=20)
    (reason,) = judged(told).reasons
    assert (reason.code.value, reason.limit, reason.actual) == ("contradicted", 0, 1)
    told += a_success(21, second=21)
    assert judged(told).use is CapsuleUse.PRESCRIPTIVE


def test_too_large_a_share_of_contradictions_is_told_with_its_numbers() -> None:
    told = successes(8)
    for number in (20, 22, 24):
        told += [*a_failure(number, second=number), *a_success(number + 1, second=number + 1)]
    contradicted = next(each for each in judged(told).reasons if each.code.value == "contradicted")
    assert (contradicted.limit, contradicted.actual) == (0.2, round(3 / 14, 6))


def test_a_capsule_is_stale_from_its_horizon_on() -> None:
    told = successes(6)
    assert judged(told, after_s=5 + HORIZON_S - 0.001).use is CapsuleUse.PRESCRIPTIVE
    (reason,) = judged(told, after_s=5 + HORIZON_S).reasons
    assert (reason.code.value, reason.limit, reason.actual) == ("stale", HORIZON_S, HORIZON_S)


LENIENT_NUMBERS: dict[str, dict[str, float]] = {"contradiction": {"consecutive_max": 5, "share_max": 0.5}}


@pytest.mark.parametrize("later", ["contradiction", "refusal"])
def test_only_support_freshens_a_capsule(later: str) -> None:
    denied = outcome("DENIED", "TESTS.FAILED", "GUARD.DENIED")
    told = {
        "contradiction": a_failure(20, second=HORIZON_S),
        "refusal": [
            a_task(20, second=HORIZON_S, result=denied),
            a_wrapper(20, signal="guard_denial", second=HORIZON_S, result=denied),
        ],
    }[later]
    policy = numbers(**LENIENT_NUMBERS)
    found = judge(
        learnt([*successes(30), *told]),
        policy,
        now=NOON + timedelta(seconds=29 + HORIZON_S),
        stage=RolloutStage.PRESCRIPTIVE,
        verifier=Known(),
    )
    stale = next(each for each in found.reasons if each.code.value == "stale")
    assert (stale.limit, stale.actual, stale.detail) == (HORIZON_S, HORIZON_S, "Seconds since the last support.")


def test_a_capsule_says_when_it_was_last_supported() -> None:
    assert capsule_document(learnt([*successes(3), *a_failure(9, second=9)]), POLICY).last_support_ts == histories.at(2)
    assert capsule_document(learnt(a_failure()), POLICY).last_support_ts is None


def test_what_nothing_supports_has_no_age_and_is_refused_for_that_it_has_no_support() -> None:
    lowest = judge(
        learnt(a_failure()),
        numbers(support={"minimum_count": 1}, confidence={"prescriptive_min": 0}),
        now=NOON + timedelta(seconds=10 * HORIZON_S),
        stage=RolloutStage.PRESCRIPTIVE,
        verifier=Known(),
    )
    assert (lowest.use, codes(lowest)) == (CapsuleUse.ADVISORY, ["remedy_missing", "support_low"])


def numbers(**changed: dict[str, float]) -> Policy:
    """The policy with other numbers."""
    value = POLICY.document.to_value()
    for part, rule in changed.items():
        value[part] = value[part] | rule
    return Policy(BinderPolicy.from_value(value), POLICY.triggers)


def test_what_reaches_each_number_exactly_is_enough() -> None:
    told = [*successes(6), *a_failure(20, second=20), *a_success(21, second=21)]
    sure, share = confidence(7, 1, POLICY.document.confidence), 0.125
    least: dict[str, dict[str, float]] = {"confidence": {"prescriptive_min": sure}, "support": {"minimum_count": 7}}
    exact = numbers(contradiction={"share_max": share}, **least)
    at = NOON + timedelta(seconds=30)

    def reasons(policy: Policy) -> list[str]:
        return codes(judge(learnt(told), policy, now=at, stage=RolloutStage.PRESCRIPTIVE, verifier=Known()))

    assert reasons(exact) == []
    assert reasons(numbers(**least | {"confidence": {"prescriptive_min": sure + 0.000001}})) == ["confidence_low"]
    assert reasons(numbers(**least | {"support": {"minimum_count": 8}})) == ["support_low"]
    assert reasons(numbers(contradiction={"share_max": share - 0.000001}, **least)) == ["contradicted"]


def test_confidence_is_a_share_at_every_count() -> None:
    rule = POLICY.document.confidence
    assert (confidence(0, 0, rule), confidence(0, 1, rule), confidence(0, 10**9, rule)) == (0.0, 0.0, 0.0)
    assert confidence(1, 0, rule) == pytest.approx(1 / (1 + rule.z**2), abs=1e-6)
    assert confidence(10**9, 0, rule) <= 1.0
    known = [confidence(count, 0, rule) for count in (1, 2, 5, 10, 100, 10**6)]
    assert known == sorted(known)


def test_a_refusal_after_the_last_success_is_incompatible_with_policy() -> None:
    denied = outcome("DENIED", "TESTS.FAILED", "GUARD.DENIED")
    refused = [a_task(9, second=9, result=denied), a_wrapper(9, signal="guard_denial", second=9, result=denied)]
    assert codes(judged([*successes(6), *refused])) == ["policy_incompatible"]
    assert judged([*successes(6), *refused, *a_success(10, second=10)]).use is CapsuleUse.PRESCRIPTIVE


@pytest.mark.parametrize(
    ("verifier", "code"),
    [
        (Known(tool=Conformance.NONCONFORMING), "tool_nonconforming"),
        (Known(tool=Conformance.UNKNOWN), "tool_nonconforming"),
        (Known(tool=Conformance.NONDETERMINISTIC), "tool_nondeterministic"),
        (Known(refused="GUARD.DENIED"), "policy_incompatible"),
    ],
)
def test_what_a_verifier_finds_is_a_reason(verifier: Known, code: str) -> None:
    assert codes(judged(successes(6), verifier=verifier)) == [code]


def test_evidence_that_does_not_resolve_is_a_reason() -> None:
    told = successes(6)
    assert codes(judged(told, verifier=Known(missing=frozenset({remedy_proof(told)})))) == ["evidence_unresolved"]


def test_what_nobody_verifies_prescribes_nothing() -> None:
    found = judge(learnt(successes(6)), POLICY, now=NOON, stage=RolloutStage.PRESCRIPTIVE)
    assert codes(found) == ["evidence_unresolved", "tool_nonconforming"]


@pytest.mark.parametrize("stage", [RolloutStage.SHADOW, RolloutStage.GUIDED])
def test_an_earlier_stage_only_advises(stage: RolloutStage) -> None:
    assert codes(judged(successes(6), stage=stage)) == ["rollout_stage"]


@settings(max_examples=tried(300, few=20))
@given(histories.histories, st.integers(0, 2 * HORIZON_S), st.integers(0, 2 * HORIZON_S))
def test_age_alone_never_gives_what_it_took(history: list[Fact], one_s: int, other_s: int) -> None:
    memory = MemoryModel(POLICY)
    memory.append(history)
    earlier, later = (NOON + timedelta(seconds=each) for each in sorted((one_s, other_s)))
    for capsule in memory.capsules():
        here, there = (
            judge(capsule, POLICY, now=now, stage=RolloutStage.PRESCRIPTIVE, verifier=Known())
            for now in (earlier, later)
        )
        assert set(codes(here)) <= set(codes(there)) <= {*codes(here), "stale"}
        again = judge(capsule, POLICY, now=earlier, stage=RolloutStage.PRESCRIPTIVE, verifier=Known())
        assert again.to_json() == here.to_json()


@settings(max_examples=tried(200, few=15))
@given(histories.histories)
def test_every_capsule_is_a_valid_document(history: list[Fact]) -> None:
    memory = MemoryModel(POLICY)
    memory.append(history)
    for each in memory.capsules():
        eligibility = judge(each, POLICY, now=NOON, stage=RolloutStage.GUIDED)
        read_document(Capsule, capsule_document(each, POLICY, eligibility).to_json())
