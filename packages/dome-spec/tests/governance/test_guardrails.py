"""Guards over transitions: what they find, that unknown is a refusal, and that a refusal touches no failure."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.canonical import digest
from dome_contracts.failure_reasons import FailureReason
from dome_contracts.schema.gates.standard_report import ReportStatus
from dome_contracts.schema.knowledge.evidence_capsule import ChangeSummary
from dome_contracts.schema.shared.definitions import GuardDecision, GuardStatus, Transition, Verdict
from dome_spec.governance import Ruling, Situation, evaluate
from tests.judged import AGENT, AT, PERSON, bundle, guard, guardrails, member, situation, task_key

PREDICATES: dict[str, dict[str, Any]] = {
    "evidence_present": {"kind": "evidence_present"},
    "worktree_clean": {"kind": "worktree_clean"},
    "paths_within": {"kind": "paths_within", "globs": ["src/**"]},
    "paths_outside": {"kind": "paths_outside", "globs": ["contracts/**"]},
    "diff_within": {"kind": "diff_within", "files_max": 1, "lines_max": 10},
    "attempts_within": {"kind": "attempts_within", "attempts_max": 2},
    "gate_approved": {"kind": "gate_approved", "gate_id": "unit-tests"},
    "effector_among": {"kind": "effector_among", "effector_kinds": ["human"]},
    "tool_conforms": {"kind": "tool_conforms"},
}
SHOWN = member("test_report")


def asked(predicate: str, facts: Situation, *, evidence: tuple[str, ...] = ()) -> Ruling:
    """The answer of one guard with this predicate."""
    return evaluate(guardrails({"tried": guard(PREDICATES[predicate], evidence=evidence)}), facts, evaluate_time=AT)


def change(*paths: str, lines: int = 1) -> ChangeSummary:
    return ChangeSummary(paths=list(paths), lines_added=lines, lines_deleted=0)


@pytest.mark.parametrize(
    ("predicate", "known", "status"),
    [
        ("worktree_clean", {"is_worktree_clean": True}, "PASS"),
        ("worktree_clean", {"is_worktree_clean": False}, "FAIL"),
        ("worktree_clean", {}, "UNKNOWN"),
        ("paths_within", {"change": change("src/a.py")}, "PASS"),
        ("paths_within", {"change": change("src/a.py", "docs/a.md")}, "FAIL"),
        ("paths_within", {}, "UNKNOWN"),
        ("paths_outside", {"change": change("src/a.py")}, "PASS"),
        ("paths_outside", {"change": change("contracts/a.json")}, "FAIL"),
        ("paths_outside", {}, "UNKNOWN"),
        ("diff_within", {"change": change("a", lines=10)}, "PASS"),
        ("diff_within", {"change": change("a", lines=11)}, "FAIL"),
        ("diff_within", {"change": change("a", "b")}, "FAIL"),
        ("diff_within", {}, "UNKNOWN"),
        ("attempts_within", {"attempts": 2}, "PASS"),
        ("attempts_within", {"attempts": 3}, "FAIL"),
        ("attempts_within", {}, "UNKNOWN"),
        ("gate_approved", {"approvals": {"unit-tests": Verdict.APPROVE}}, "PASS"),
        ("gate_approved", {"approvals": {"unit-tests": Verdict.REJECT}}, "FAIL"),
        ("gate_approved", {"approvals": {"unit-tests": Verdict.NEEDS_HUMAN}}, "FAIL"),
        ("gate_approved", {"approvals": {"lint": Verdict.APPROVE}}, "UNKNOWN"),
        ("effector_among", {"effector": PERSON}, "PASS"),
        ("effector_among", {"effector": AGENT}, "FAIL"),
        ("tool_conforms", {"tool_status": ReportStatus.PASS}, "PASS"),
        ("tool_conforms", {"tool_status": ReportStatus.FAIL}, "FAIL"),
        ("tool_conforms", {}, "UNKNOWN"),
    ],
)
def test_a_predicate_says_what_holds_and_what_it_cannot_know(
    predicate: str, known: dict[str, Any], status: str
) -> None:
    ruling = asked(predicate, situation(**known))
    (evaluation,) = (each for each in ruling.evaluations if each.guard_id == "tried")
    assert evaluation.status == status
    assert (evaluation.status is GuardStatus.UNKNOWN) == bool(evaluation.unknowns)
    assert ruling.is_allowed == (status == "PASS")


def test_evidence_is_present_when_it_is_there_and_its_bytes_have_its_digest() -> None:
    intact = {SHOWN.evidence.digest: True}
    assert asked(
        "evidence_present", situation(evidence=(SHOWN,), evidence_intact=intact), evidence=("test_report",)
    ).is_allowed


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        (situation(), GuardStatus.UNKNOWN),
        (situation(evidence=(member("diff"),)), GuardStatus.UNKNOWN),
        (situation(evidence=(SHOWN,)), GuardStatus.UNKNOWN),
        (situation(evidence=(SHOWN,), evidence_intact={SHOWN.evidence.digest: False}), GuardStatus.FAIL),
    ],
    ids=["none", "of another kind", "unread", "altered"],
)
def test_evidence_that_is_missing_or_altered_refuses(facts: Situation, status: GuardStatus) -> None:
    ruling = asked("evidence_present", facts, evidence=("test_report",))
    (evaluation,) = (each for each in ruling.evaluations if each.guard_id == "tried")
    assert evaluation.status is status
    assert evaluation.decision is GuardDecision.DENY


def test_a_transition_that_the_guardrails_do_not_name_is_refused_without_asking_a_guard() -> None:
    elsewhere = Transition.from_value({"from": "running", "to": "heaven"})
    ruling = evaluate(guardrails({}), situation(transition=elsewhere), evaluate_time=AT)
    assert not ruling.is_allowed
    assert ruling.evaluations == ()
    assert ruling.record.policy_reason_code == "GUARD.UNKNOWN"


def test_a_guard_of_other_actions_or_targets_is_skipped() -> None:
    limited = guard(PREDICATES["worktree_clean"])
    limited["applies_to"] |= {"action_kinds": ["refactor"], "target_kinds": ["path"]}
    rails = guardrails({"tried": limited})
    assert evaluate(rails, situation(), evaluate_time=AT).is_allowed
    assert not evaluate(rails, situation(task=task_key(action="refactor")), evaluate_time=AT).is_allowed
    assert evaluate(rails, situation(task=task_key(action="refactor", target="test")), evaluate_time=AT).is_allowed


def test_guards_are_asked_by_class_and_then_by_id_and_the_first_refusal_names_the_reason() -> None:
    guards = {
        "b": guard(PREDICATES["tool_conforms"], guard_class="repairable"),
        "a": guard(PREDICATES["tool_conforms"], guard_class="repairable"),
        "z": guard(PREDICATES["effector_among"], guard_class="stop"),
    }
    ruling = evaluate(guardrails(guards), situation(), evaluate_time=AT)
    assert [each.guard_id for each in ruling.evaluations][:3] == ["z", "a", "b"]
    assert ruling.record.policy_reason_code == "GUARD.DENIED"  # of `z`; `a` and `b` say GUARD.UNKNOWN


def test_a_guard_that_refused_does_not_keep_the_others_from_being_asked() -> None:
    guards = {"a": guard(PREDICATES["effector_among"], guard_class="stop"), "b": guard(PREDICATES["worktree_clean"])}
    ruling = evaluate(guardrails(guards), situation(is_worktree_clean=True), evaluate_time=AT)
    found = {each.guard_id: each.status.value for each in ruling.evaluations}
    assert (found["a"], found["b"]) == ("FAIL", "PASS")


PREDICATE = st.sampled_from(sorted(PREDICATES))
KNOWN = st.fixed_dictionaries(
    {},
    optional={
        "is_worktree_clean": st.booleans(),
        "attempts": st.integers(1, 4),
        "change": st.just(change("src/a.py")),
        "tool_status": st.sampled_from(ReportStatus),
        "effector": st.sampled_from([AGENT, PERSON]),
        "approvals": st.dictionaries(st.just("unit-tests"), st.sampled_from(Verdict)),
    },
)
GUARDS = st.dictionaries(
    st.sampled_from(["a", "b", "c.d"]),
    st.builds(
        lambda predicate, guard_class: guard(PREDICATES[predicate], guard_class=guard_class),
        PREDICATE,
        st.sampled_from(["stop", "structural", "repairable", "advisory"]),
    ),
    min_size=1,
)


@given(GUARDS, KNOWN, st.sampled_from(FailureReason))
def test_a_guard_denial_sets_the_policy_reason_and_leaves_the_failure_reason(
    guards: dict[str, Any], known: dict[str, Any], failure: FailureReason
) -> None:
    """Seed 002, minimum test 1: the semantics split."""
    ruling = evaluate(guardrails(guards), situation(failure_reason_code=failure, **known), evaluate_time=AT)
    assert ruling.record.failure_reason_code == failure
    assert {each.failure_reason_code for each in ruling.evaluations} == {failure}
    for each in ruling.evaluations:
        assert (each.policy_reason_code != "NONE") == (each.decision is GuardDecision.DENY)
    denied = any(each.decision is GuardDecision.DENY for each in ruling.evaluations)
    assert ruling.is_allowed == (not denied) == (ruling.record.policy_reason_code == "NONE")


@given(GUARDS, GUARDS, KNOWN)
def test_an_overlay_tightens_and_never_loosens(
    guards: dict[str, Any], added: dict[str, Any], known: dict[str, Any]
) -> None:
    facts = situation(**known)
    alone = evaluate(guardrails(guards), facts, evaluate_time=AT)
    both = evaluate(guardrails(guards, overlay=bundle(added, name="overlay")), facts, evaluate_time=AT)
    assert alone.is_allowed or not both.is_allowed
    assert {digest(each.to_value()) for each in alone.evaluations} <= {
        digest(each.to_value()) for each in both.evaluations
    }


@given(GUARDS, KNOWN)
def test_the_same_situation_has_the_same_bytes(guards: dict[str, Any], known: dict[str, Any]) -> None:
    first, second = (
        evaluate(guardrails(guards), situation(**known), evaluate_time=AT).record.to_json() for _ in range(2)
    )
    assert first == second
