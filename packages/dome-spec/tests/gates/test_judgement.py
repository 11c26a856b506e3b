"""One question has one answer, kept once; a rejection is wrapped; a refusal touches no failure."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.canonical import canonical_bytes, digest, digest_bytes
from dome_contracts.schema.control.control_event import ControlEvent
from dome_contracts.schema.gates.gate_decision import GateDecision
from dome_contracts.schema.knowledge.evidence_capsule import EvidenceCapsule
from dome_contracts.schema.knowledge.fact import Fact
from dome_contracts.schema.shared.definitions import FallbackMode, Lineage, Verdict
from dome_spec.binding import MemoryModel, default_policy
from dome_spec.gates import (
    GateRecord,
    Judgement,
    JudgementDamaged,
    OverlayDiffers,
    Shown,
    default_guardrails,
    judge,
    last_decisions,
    question_digest,
    situation_of,
    standing,
)
from dome_spec.gates.question import TO_GATED
from dome_spec.kernel import read_document
from tests.judged import AGENT, AT, GROUP_ID, RUN_ID, TASK_ID, bundle, capsule, guard, guardrails, member, spec

REPOSITORY = "repo-01htvy9ae00wea48kqahr5gdxa"
LINEAGE = Lineage(event_id="evt-01hy2y62e0njx2am9103w0pnqw", sequence=7, run_id=RUN_ID)
LATER = "2026-01-02T09:00:00Z"
PEOPLE_ONLY = guard({"kind": "effector_among", "effector_kinds": ["human"]})


def shown(sealed: EvidenceCapsule | None = None, **known: Any) -> Shown:
    sealed = sealed or capsule(members=[member("provenance")])
    intact = {each.evidence.digest: True for each in sealed.members}
    stated = {"spec": spec(), "capsule": sealed, "effector": AGENT, "attempts": 1, "evidence_intact": intact}
    return Shown(**{**stated, **known})


def judged(looked_at: Shown, *, guards: dict[str, Any] | None = None, gate_id: str = "unit-tests") -> Judgement:
    return judge(
        gate_id,
        looked_at,
        guardrails(guards or {}),
        evaluate_time=AT,
        lineage=LINEAGE,
        fallback_mode=FallbackMode.STRICT,
    )


def test_an_approval_is_not_wrapped_and_a_rejection_is_with_its_decision_and_refusals() -> None:
    assert judged(shown()).wrapper is None
    rejected = judged(shown(), guards={"only.people": PEOPLE_ONLY})
    assert rejected.decision is not None
    assert rejected.wrapper is not None
    assert rejected.wrapper.gate_decision == digest(rejected.decision.to_value())
    (evaluation,) = (each for each in rejected.evaluations if each.guard_id == "only.people")
    assert digest(evaluation.to_value()) in (rejected.wrapper.guard_evaluations or [])
    assert (rejected.wrapper.signal, rejected.wrapper.lineage) == ("gate_failure", LINEAGE)
    assert rejected.wrapper.outcome.to_value() == {
        "status": "SUCCEEDED", "failure_reason_code": "NONE", "policy_reason_code": "GUARD.DENIED",
    }  # fmt: skip


def test_an_attempt_with_more_evidence_than_a_document_names_is_judged() -> None:
    members = [member("build_log", f"file {number}".encode()) for number in range(100)]
    every = guard({"kind": "evidence_present"}, evidence=["build_log"])
    found = judged(shown(capsule(status="FAILED", failure="TESTS.FAILED", members=members)), guards={"every": every})
    assert found.wrapper is not None
    assert [each.digest for each in found.wrapper.evidence] == [each.evidence.digest for each in members[:64]]
    assert max(len(each.evidence) for each in found.evaluations) == 64
    for document in found.documents():
        read_document(type(document), document.to_value())


def test_a_failure_that_the_gate_found_fills_in_where_the_attempt_states_none() -> None:
    report = member("test_report")
    checks = [{"check": "unit-tests", "status": "FAIL", "evidence": report.evidence.digest}]
    found = judged(shown(capsule(members=[report], checks=checks))).wrapper
    stated = judged(shown(capsule(status="FAILED", failure="TESTS.HUNG", members=[report], checks=checks))).wrapper
    assert found is not None
    assert stated is not None
    assert (found.outcome.failure_reason_code, stated.outcome.failure_reason_code) == ("TESTS.FAILED", "TESTS.HUNG")


STATUSES = st.sampled_from(["SUCCEEDED", "FAILED", "CANCELED", "DENIED"])
FAILURES = st.sampled_from(["NONE", "TESTS.FAILED"])


@given(STATUSES, FAILURES, st.booleans())
def test_a_refusal_sets_the_policy_reason_and_leaves_every_failure_as_it_stood(
    status: str, failure: str, is_refused: bool
) -> None:
    sealed = capsule(status=status, failure=failure, policy="GUARD.DENIED" if status == "DENIED" else "NONE")
    found = judged(shown(sealed), guards={"only.people": PEOPLE_ONLY} if is_refused else None)
    assert {each.failure_reason_code for each in found.evaluations} == {failure}
    assert found.record.failure_reason_code == failure
    assert (found.record.policy_reason_code == "GUARD.DENIED") == is_refused
    if found.wrapper is not None and failure != "NONE":
        assert found.wrapper.outcome.failure_reason_code == failure


@given(STATUSES, FAILURES, st.booleans())
def test_every_fact_of_a_judgement_is_a_valid_fact_and_is_the_same_again(
    status: str, failure: str, is_refused: bool
) -> None:
    sealed = capsule(status=status, failure=failure, policy="GUARD.DENIED" if status == "DENIED" else "NONE")
    found = judged(shown(sealed), guards={"only.people": PEOPLE_ONLY} if is_refused else None)
    first, second = (list(found.facts(REPOSITORY)) for _ in range(2))
    assert first == second
    assert [read_document(Fact, canonical_bytes(fact.to_value())) for fact in first] == first
    memory = MemoryModel(default_policy())
    assert memory.append(first).new == len(first)
    assert memory.append(second).new == 0


def test_the_report_on_the_tool_is_named_and_another_report_is_another_question() -> None:
    rails = guardrails({})
    first, second = digest_bytes(b"first"), digest_bytes(b"second")
    none, one, other = (shown(standard_report=each) for each in (None, first, second))
    named = [judged(each).decision for each in (none, one, other)]
    assert [each and each.inputs.standard_report for each in named] == [None, first, second]
    assert judged(one) == judged(shown(standard_report=first))
    seal = digest(one.capsule.to_value())
    names = {
        question_digest("a", situation_of(each, TO_GATED, rails), rails, seal, report=each.standard_report)
        for each in (none, one, other)
    }
    assert len(names) == 3
    assert question_digest("a", situation_of(none, TO_GATED, rails), rails, seal) in names


def test_the_first_answer_to_a_question_stays(tmp_path: Path) -> None:
    record, rails = GateRecord(tmp_path), guardrails({})
    looked_at = shown()
    situation = situation_of(looked_at, TO_GATED, rails)
    name = question_digest("unit-tests", situation, rails, digest(looked_at.capsule.to_value()))
    first = judged(looked_at)
    assert record.keep(name, first) == first
    later = judge(
        "unit-tests", looked_at, rails, evaluate_time=LATER, lineage=LINEAGE, fallback_mode=FallbackMode.STRICT
    )
    assert record.keep(name, later) == first == record.kept(name)
    assert record.judgements() == (first,)
    told = list(first.facts(REPOSITORY))
    assert list(record.facts(REPOSITORY)) == told
    memory = MemoryModel(default_policy())
    memory.append(told)
    assert list(record.facts(REPOSITORY, memory.knows)) == []


def test_another_question_has_another_name() -> None:
    rails, other = guardrails({}), guardrails({}, overlay=bundle({}, name="overlay"))
    looked_at = shown()
    seal = digest(looked_at.capsule.to_value())
    damaged = shown(evidence_intact={looked_at.capsule.members[0].evidence.digest: False})
    names = {
        question_digest("a", situation_of(looked_at, TO_GATED, rails), rails, seal),
        question_digest("b", situation_of(looked_at, TO_GATED, rails), rails, seal),
        question_digest("a", situation_of(looked_at, TO_GATED, rails), other, seal),
        question_digest("a", situation_of(damaged, TO_GATED, rails), rails, seal),
    }
    assert len(names) == 4


def test_what_no_guard_asks_for_changes_no_question() -> None:
    rails = guardrails({})
    known = shown(approvals={"lint": Verdict.APPROVE})
    assert situation_of(known, TO_GATED, rails) == situation_of(shown(), TO_GATED, rails)
    asking = guardrails({"a": guard({"kind": "gate_approved", "gate_id": "lint"})})
    assert situation_of(known, TO_GATED, asking).approvals == {"lint": Verdict.APPROVE}


def test_what_is_kept_and_damaged_is_named(tmp_path: Path) -> None:
    record = GateRecord(tmp_path)
    record.keep("sha256:" + "a" * 64, judged(shown()))
    (path,) = (tmp_path / "gates" / "judgements").iterdir()
    path.write_bytes(b'{"verdict":1}\n')
    with pytest.raises(JudgementDamaged, match="aaaa"):
        record.judgements()
    path.write_bytes(b"")
    with pytest.raises(JudgementDamaged, match="0 records"):
        record.judgements()


def test_a_run_has_one_overlay(tmp_path: Path) -> None:
    record = GateRecord(tmp_path)
    assert record.overlay() is None
    one = bundle({}, name="one")
    assert record.overlay(one) == one == record.overlay()
    with pytest.raises(OverlayDiffers, match=r"one 1\.0\.0"):
        record.overlay(bundle({}, name="other"))
    assert record.overlay() == one


def decided_event(decision: GateDecision, number: int) -> ControlEvent:
    return ControlEvent.from_value(
        {
            "schema_version": "1",
            "event_id": f"evt-01hy2y62e0njx2am9103w0pn{number:02}",
            "sequence": number,
            "topic": "gate.decided",
            "run_id": RUN_ID,
            "occur_time": AT,
            "effector": AGENT.to_value(),
            "correlation": {"task_id": TASK_ID, "group_id": GROUP_ID},
            "payload": {"decision_digest": digest(decision.to_value()), "verdict": decision.verdict.value},
        }
    )


def test_the_decision_that_was_told_of_last_counts_and_a_gate_that_is_silent_is_undecided() -> None:
    first, second = judged(shown()), judged(shown(), guards={"only.people": PEOPLE_ONLY})
    assert first.decision is not None
    assert second.decision is not None
    told = [decided_event(each, number) for number, each in enumerate((second.decision, first.decision), 10)]
    decided = last_decisions([first, second], told)
    assert decided == {(GROUP_ID, "unit-tests"): first.decision}
    now = standing([("a", GROUP_ID, ["unit-tests", "lint"]), ("b", None, ["unit-tests"]), ("c", None, [])], decided)
    assert (now.decisions, now.undecided) == ((first.decision,), ("lint of a", "unit-tests of b"))


def test_the_shipped_guardrails_judge_alike_whenever_they_are_asked() -> None:
    rails = default_guardrails()
    first, second = (
        judge("g", shown(), rails, evaluate_time=AT, lineage=LINEAGE, fallback_mode=FallbackMode.STRICT)
        for _ in range(2)
    )
    assert [canonical_bytes(each.to_value()) for each in first.documents()] == [
        canonical_bytes(each.to_value()) for each in second.documents()
    ]
