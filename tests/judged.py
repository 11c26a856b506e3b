"""What guards and gates are asked about in tests: bundles, situations and evidence, made from a few words."""

from collections.abc import Iterable
from typing import Any

from dome_contracts.canonical import digest_bytes
from dome_contracts.schema.gates.guardrails_bundle import GuardrailsBundle
from dome_contracts.schema.knowledge.evidence_capsule import EvidenceCapsule, EvidenceMember
from dome_contracts.schema.planning.task_spec import TaskSpec
from dome_contracts.schema.shared.definitions import Effector, TaskKey, Transition
from dome_spec.governance import Attempt, Guardrails, Situation

RUN_ID = "run-01hy2y62e0njx2am9103w0pnqw"
TASK_ID = digest_bytes(b"task")
GROUP_ID = digest_bytes(b"group")
AT = "2026-01-02T03:04:05Z"
TO_GATED = Transition.from_value({"from": "running", "to": "gated"})
AGENT = Effector.from_value({"kind": "llm", "id": "agent-1"})
PERSON = Effector.from_value({"kind": "human", "id": "ada"})


def guard(
    predicate: dict[str, Any], *, guard_class: str = "repairable", evidence: Iterable[str] = ()
) -> dict[str, Any]:
    """A guard of the transition from running to gated."""
    return {
        "guard_class": guard_class,
        "applies_to": {"transitions": [{"from": "running", "to": "gated"}]},
        "predicate": predicate,
        "required_evidence": list(evidence),
        "policy_reason_code": "GUARD.DENIED",
        "feedback": {"severity": "error", "message": "Refused.", "hint": "Mend it.", "next_step": "retry"},
    }


def bundle(guards: dict[str, dict[str, Any]], *, name: str = "tried") -> GuardrailsBundle:
    """A bundle of these guards, or of one that never applies where there are none."""
    never = guard({"kind": "evidence_present"})
    never["applies_to"] = {"transitions": [{"from": "gated", "to": "done"}]}
    return GuardrailsBundle.from_value(
        {
            "schema_version": "1",
            "bundle_id": name,
            "version": "1.0.0",
            "title": "Tried",
            "transitions": [{"from": "running", "to": "gated"}, {"from": "gated", "to": "done"}],
            "unknowns_policy": {
                "on_unknown_state": "DENY",
                "on_unknown_transition": "DENY",
                "on_unknown_result": "DENY",
                "policy_reason_code": "GUARD.UNKNOWN",
            },
            "guards": guards or {"never": never},
        }
    )


def guardrails(guards: dict[str, dict[str, Any]], *, overlay: GuardrailsBundle | None = None) -> Guardrails:
    """Guardrails of these guards, with invariants that ask for nothing."""
    return Guardrails(bundle=bundle(guards), invariants=bundle({}, name="invariants"), overlay=overlay)


def member(kind: str, text: bytes = b"shown") -> EvidenceMember:
    """A piece of evidence with these bytes."""
    shown = digest_bytes(text)
    reference = {"digest": shown, "location": f"evidence/{shown.removeprefix('sha256:')}"}
    return EvidenceMember.from_value({"kind": kind, "evidence": reference, "size_bytes": len(text)})


def task_key(*, action: str = "fix", target: str = "path", failure: str = "TESTS.FAILED") -> TaskKey:
    """A key of a task."""
    return TaskKey.from_value(
        {
            "scope": "repo",
            "target": {"kind": target, "id": "src/a.py"},
            "action": {"kind": action},
            "failure_reason_code": failure,
        }
    )


def situation(**known: Any) -> Situation:
    """An attempt at the transition from running to gated, of which only this is known."""
    stated = {
        "attempt": Attempt(run_id=RUN_ID, task_id=TASK_ID, group_id=GROUP_ID),
        "task": task_key(),
        "transition": TO_GATED,
        "effector": AGENT,
    }
    return Situation(**{**stated, **known})


def spec(**fields: Any) -> TaskSpec:
    """A task that asks for nothing but its own success."""
    stated = {
        "schema_version": "1",
        **task_key().to_value(),
        "goal": "It works.",
        "acceptance_criteria": [],
        "side_effects": {"mode": "none"},
        "requires": {"skill": {"skill_id": "repo.test", "version_range": "*"}},
        "input": {},
    }
    return TaskSpec.from_value({**stated, **fields})


def capsule(
    *, status: str = "SUCCEEDED", failure: str = "NONE", policy: str = "NONE", members: Iterable[EvidenceMember] = (),
    **fields: Any,
) -> EvidenceCapsule:  # fmt: skip
    """The sealed evidence of one attempt; a result where nothing else is given."""
    shown = tuple(members) or (member("result"),)
    stated = {
        "schema_version": "1",
        "repository_id": "repo-01htvy9ae00wea48kqahr5gdxa",
        "run_id": RUN_ID,
        "task_id": TASK_ID,
        "group_id": GROUP_ID,
        "outcome": {"status": status, "failure_reason_code": failure, "policy_reason_code": policy},
        "checks": [],
        "members": [each.to_value() for each in shown],
        "seal_time": AT,
    }
    return EvidenceCapsule.from_value({**stated, **fields})
