"""The decision of one gate on one attempt. Pure and without a clock: the same inputs give the same bytes.

What the guards found is an input; so are the task, the rules they stand in and the evidence, each by digest.
"""

from dataclasses import dataclass

from dome_contracts.canonical import digest
from dome_contracts.schema.gates.gate_decision import GateDecision, GateInputs
from dome_contracts.schema.knowledge.evidence_capsule import EvidenceCapsule
from dome_contracts.schema.planning.task_spec import TaskSpec
from dome_spec.gates.findings import findings
from dome_spec.gates.rules import GATE_RULES, policy_digest, verdict
from dome_spec.governance import Guardrails, Ruling


@dataclass(frozen=True, slots=True, kw_only=True)
class GateQuestion:
    """Everything that the decision depends on."""

    gate_id: str
    spec: TaskSpec
    capsule: EvidenceCapsule
    guardrails: Guardrails
    ruling: Ruling
    """What these guardrails said of the transition that the gate opens."""
    standard_report: str | None = None
    """Digest of the standard report on the tool, where there is one."""


def decide_gate(question: GateQuestion) -> GateDecision:
    """The verdict, and every reason for it."""
    capsule, guardrails = question.capsule, question.guardrails
    found = findings(question.spec, capsule, question.ruling)
    overlay = {} if guardrails.overlay is None else {"overlay": digest(guardrails.overlay.to_value())}
    report = {} if question.standard_report is None else {"standard_report": question.standard_report}
    missing = sorted({each.missing_evidence for each in found if each.missing_evidence is not None})
    return GateDecision(
        schema_version="1",
        gate_id=question.gate_id,
        run_id=capsule.run_id,
        task_id=capsule.task_id,
        group_id=capsule.group_id,
        verdict=verdict(GATE_RULES, (each.against for each in found)),
        inputs=GateInputs(
            task_spec=digest(question.spec.to_value()),
            guardrails=digest(guardrails.bundle.to_value()),
            invariants=digest(guardrails.invariants.to_value()),
            **overlay,
            **report,
            evidence=[digest(capsule.to_value())],
        ),
        policy_digest=policy_digest(GATE_RULES),
        guard_evaluations=sorted({digest(each.to_value()) for each in question.ruling.evaluations}),
        **({"missing_evidence": missing} if missing else {}),
        failure_reason_codes=sorted({each.failure_reason_code for each in found} - {"NONE"}),
        policy_reason_codes=sorted({each.policy_reason_code for each in found} - {"NONE"}),
    )
