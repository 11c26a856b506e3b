"""Evidence that a packet requires, from the plan to its gate: shown it is approved, missing it is not."""

from typing import Any

import pytest

from dome_contracts.schema.gates.gate_decision import GateDecision
from dome_contracts.schema.planning.task_spec import TaskSpec
from dome_contracts.schema.shared.definitions import EvidenceKind
from dome_spec.dispatch.job.evidence import result_kind
from dome_spec.gates import GateQuestion, decide_gate
from dome_spec.governance import evaluate
from dome_spec.planning.evidence import shown_by
from dome_spec.planning.skills import SKILLS
from tests.judged import AT, capsule, guardrails, member, situation
from tests.plans_made import a_check, a_criterion, a_packet, plan_of


def asked(required: dict[str, Any]) -> TaskSpec:
    """The task that a gate asks for the evidence."""
    checks = {"unit": a_check(), "lint": a_check(skill_id="lint.run")}
    packet = a_packet(criteria=[a_criterion(1, "unit")], checks=checks, required_evidence=[required])
    found = [task.spec for task in plan_of(packet).tasks.values() if task.spec.required_evidence]
    assert all(spec.gates for spec in found)
    return found[0]


def decision(spec: TaskSpec, *kinds: str) -> GateDecision:
    members = [member(kind) for kind in kinds]
    shown = [{"check": gate, "status": "PASS", "evidence": members[-1].evidence.digest} for gate in spec.gates or ()]
    rules = guardrails({})
    return decide_gate(
        GateQuestion(
            gate_id=(spec.gates or [""])[0],
            spec=spec,
            capsule=capsule(members=members, checks=shown),
            guardrails=rules,
            ruling=evaluate(rules, situation(), evaluate_time=AT),
        )
    )


@pytest.mark.parametrize(
    ("required", "kind", "without"),
    [
        ({"kind": "diff"}, "diff", "REJECT"),
        ({"kind": "result"}, "result", "REJECT"),
        ({"kind": "review"}, "review", "NEEDS_HUMAN"),
        ({"kind": "review", "check": "unit"}, "review", "NEEDS_HUMAN"),
        ({"kind": "test_report"}, "test_report", "REJECT"),
        ({"kind": "test_report", "check": "unit"}, "test_report", "REJECT"),
        ({"kind": "result", "check": "lint"}, "result", "REJECT"),
    ],
)
def test_a_gate_asks_for_what_the_packet_requires(required: dict[str, Any], kind: str, without: str) -> None:
    spec = asked(required)
    assert decision(spec, "provenance", kind).verdict.value == "APPROVE"
    missing = decision(spec, "provenance")
    assert (missing.verdict.value, [each.value for each in missing.missing_evidence or ()]) == (without, [kind])


@pytest.mark.parametrize("skill_id", [*sorted(SKILLS), "lint.run"])
def test_what_the_planner_says_that_a_skill_shows_is_what_dispatch_keeps_it_as(skill_id: str) -> None:
    assert shown_by(skill_id) is result_kind(skill_id)
    assert isinstance(shown_by(skill_id), EvidenceKind)
