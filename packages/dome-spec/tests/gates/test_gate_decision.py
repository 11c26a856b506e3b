"""The decision of a gate: every reason with its code, the strictest verdict, bytes from the inputs alone."""

from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.canonical import canonical_bytes, digest
from dome_contracts.documents import registry
from dome_contracts.schema.gates.gate_decision import GateDecision
from dome_contracts.schema.knowledge.evidence_capsule import EvidenceCapsule
from dome_contracts.schema.planning.task_spec import TaskSpec
from dome_contracts.schema.shared.definitions import Verdict
from dome_spec.gates import GateQuestion, decide_gate
from dome_spec.governance import evaluate
from tests.judged import AT, bundle, capsule, guard, guardrails, member, situation, spec

REFUSES = {"kind": "effector_among", "effector_kinds": ["human"]}


def decided(
    task: TaskSpec | None = None, sealed: EvidenceCapsule | None = None, *, guards: dict[str, Any] | None = None
) -> GateDecision:
    """The decision on this attempt by an agent."""
    rails = guardrails(guards or {})
    question = GateQuestion(
        gate_id="unit-tests",
        spec=task or spec(),
        capsule=sealed or capsule(),
        guardrails=rails,
        ruling=evaluate(rails, situation(), evaluate_time=AT),
    )
    return decide_gate(question)


def test_what_nothing_speaks_against_is_approved() -> None:
    decision = decided()
    assert decision.verdict is Verdict.APPROVE
    assert decision.failure_reason_codes == decision.policy_reason_codes == []


@pytest.mark.parametrize(
    ("sealed", "failures", "policies"),
    [
        (capsule(status="FAILED", failure="TESTS.FAILED"), ["TESTS.FAILED"], []),
        (capsule(status="FAILED"), ["TOOL.FAILED"], []),
        (capsule(status="CANCELED"), ["CANCEL.REQUESTED"], []),
        (capsule(status="DENIED", policy="BUDGET.EXHAUSTED"), [], ["BUDGET.EXHAUSTED"]),
        (
            capsule(status="FAILED", failure="TESTS.FAILED", policy="GUARD.DENIED"),
            ["TESTS.FAILED"],
            ["GUARD.DENIED"],
        ),
    ],
)
def test_an_attempt_that_did_not_succeed_is_rejected_by_its_own_reasons(
    sealed: EvidenceCapsule, failures: list[str], policies: list[str]
) -> None:
    decision = decided(sealed=sealed)
    assert decision.verdict is Verdict.REJECT
    assert (decision.failure_reason_codes, decision.policy_reason_codes) == (failures, policies)


@pytest.mark.parametrize(
    ("kind", "code"), [("test_report", "TESTS.FAILED"), ("lint_report", "LINT.FAILED"), ("result", "TOOL.FAILED")]
)
def test_a_failed_check_rejects_a_success(kind: str, code: str) -> None:
    shown = member(kind)
    checks = [{"check": "unit-tests", "status": "FAIL", "evidence": shown.evidence.digest}]
    decision = decided(sealed=capsule(members=[shown], checks=checks))
    assert (decision.verdict, decision.failure_reason_codes) == (Verdict.REJECT, [code])


def test_a_refusing_guard_rejects_and_an_advisory_one_asks_a_person() -> None:
    strict = decided(guards={"only.people": guard(REFUSES)})
    mild = decided(guards={"only.people": guard(REFUSES, guard_class="advisory")})
    assert (strict.verdict, strict.policy_reason_codes) == (Verdict.REJECT, ["GUARD.DENIED"])
    assert (mild.verdict, mild.policy_reason_codes) == (Verdict.NEEDS_HUMAN, ["GUARD.DENIED"])


def test_required_evidence_that_is_missing_rejects_by_name() -> None:
    decision = decided(spec(required_evidence=[{"kind": "test_report"}, {"kind": "diff", "count_min": 2}]))
    assert (decision.verdict, decision.policy_reason_codes) == (Verdict.REJECT, ["EVIDENCE.MISSING"])
    assert decision.missing_evidence == ["diff", "test_report"]


def test_evidence_of_a_named_check_has_to_come_from_it() -> None:
    asked = spec(required_evidence=[{"kind": "test_report", "check": "unit_tests"}])
    shown = member("test_report")
    other = [{"check": "smoke", "status": "PASS", "evidence": shown.evidence.digest}]
    wanted = [{"check": "unit-tests", "status": "PASS", "evidence": shown.evidence.digest}]
    assert decided(asked, capsule(members=[shown], checks=other)).verdict is Verdict.REJECT
    assert decided(asked, capsule(members=[shown], checks=wanted)).verdict is Verdict.APPROVE


def test_a_criterion_without_a_check_is_left_to_a_person_until_a_review_is_there() -> None:
    asked = spec(acceptance_criteria=[{"criterion_id": "AC01", "statement": "It reads well."}])
    decision = decided(asked)
    assert (decision.verdict, decision.policy_reason_codes) == (Verdict.NEEDS_HUMAN, ["GATE.NEEDS_HUMAN"])
    assert decision.missing_evidence == ["review"]
    assert decided(asked, capsule(members=[member("review")])).verdict is Verdict.APPROVE


@pytest.mark.parametrize(
    ("bounds", "code"),
    [
        ({"allowed_paths": ["src/**"]}, "SCOPE.PATH_FORBIDDEN"),
        ({"allowed_paths": ["**"], "forbidden_paths": ["docs/*"]}, "SCOPE.PATH_FORBIDDEN"),
        ({"allowed_paths": ["**"], "changed_files_max": 1}, "SCOPE.DIFF_TOO_LARGE"),
        ({"allowed_paths": ["**"], "changed_lines_max": 5}, "SCOPE.DIFF_TOO_LARGE"),
    ],
)
def test_a_change_out_of_the_bounds_of_its_task_is_rejected(bounds: dict[str, Any], code: str) -> None:
    change = {"paths": ["docs/a.md", "src/a.py"], "lines_added": 4, "lines_deleted": 2}
    decision = decided(spec(constraints=bounds), capsule(change=change))
    assert (decision.verdict, decision.policy_reason_codes) == (Verdict.REJECT, [code])


def test_a_transition_that_the_guardrails_do_not_know_is_rejected() -> None:
    rails = guardrails({})
    lost = situation(transition=situation().transition.model_copy(update={"to": "heaven"}))
    ruling = evaluate(rails, lost, evaluate_time=AT)
    question = GateQuestion(gate_id="g", spec=spec(), capsule=capsule(), guardrails=rails, ruling=ruling)
    decision = decide_gate(question)
    assert (decision.verdict, decision.policy_reason_codes) == (Verdict.REJECT, ["GUARD.UNKNOWN"])


def test_every_input_is_in_the_decision_by_digest() -> None:
    rails = guardrails({}, overlay=bundle({}, name="overlay"))
    task, sealed = spec(), capsule()
    question = GateQuestion(
        gate_id="g",
        spec=task,
        capsule=sealed,
        guardrails=rails,
        ruling=evaluate(rails, situation(), evaluate_time=AT),
    )
    inputs = decide_gate(question).inputs
    assert inputs.task_spec == digest(task.to_value())
    assert inputs.evidence == [digest(sealed.to_value())]
    assert inputs.guardrails == digest(rails.bundle.to_value())
    assert inputs.invariants == digest(rails.invariants.to_value())
    assert rails.overlay is not None
    assert inputs.overlay == digest(rails.overlay.to_value())


STATUS = st.sampled_from(["SUCCEEDED", "FAILED", "CANCELED", "DENIED"])
FAILURE = st.sampled_from(["NONE", "TESTS.FAILED", "TIME.RUN_TIMEOUT"])
POLICY = st.sampled_from(["NONE", "GUARD.DENIED"])
KINDS = st.lists(st.sampled_from(["test_report", "diff", "review"]), unique=True)
CLASSES = st.sampled_from(["stop", "structural", "repairable", "advisory"])


@given(STATUS, FAILURE, POLICY, KINDS, st.none() | CLASSES)
def test_every_decision_satisfies_its_schema_and_has_the_same_bytes_again(
    status: str, failure: str, policy: str, kinds: list[str], refused: str | None
) -> None:
    sealed = capsule(
        status=status, failure=failure, policy=policy, members=[member(kind, kind.encode()) for kind in kinds]
    )
    task = spec(required_evidence=[{"kind": "diff"}])
    guards = {} if refused is None else {"a": guard(REFUSES, guard_class=refused)}
    first, second = (decided(task, sealed, guards=guards) for _ in range(2))
    assert canonical_bytes(first.to_value()) == canonical_bytes(second.to_value())
    _validated(first)
    if failure != "NONE" or status != "SUCCEEDED":
        assert first.verdict is Verdict.REJECT


def _validated(decision: GateDecision) -> None:
    schemas = {document["$id"]: document for _, document in registry()}
    resources = jsonschema_rs.Registry(list(schemas.items()))
    schema = schemas["https://dome.dev/schemas/gates/v1/gate_decision.json"]
    jsonschema_rs.validator_for(schema, registry=resources).validate(decision.to_value())
