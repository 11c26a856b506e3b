"""What a memory is told of attempts in a simulated world: facts, as dispatch states them of attempts that ran."""

from datetime import datetime
from typing import Any, Final

from dome_contracts.canonical import digest
from dome_contracts.schema.base import Contract
from dome_contracts.schema.knowledge.fact import DocumentSource, EvidenceGroupFact, Fact, TaskFact
from dome_contracts.schema.knowledge.wrapper_envelope import WrapperEnvelope
from dome_contracts.schema.planning.task_spec import TaskSpec
from dome_contracts.schema.shared.definitions import AttemptOutcome, Lineage
from dome_spec.binding import make_fact
from dome_spec.kernel import timestamp
from dome_spec.planning import fingerprint_input, task_id, task_key, template_digest

REPOSITORY_ID: Final = "repo-01hr47m300dw48d4by8jq7k94x"
ENVIRONMENT: Final = "linux-x86_64-python3.11"
VERSION: Final = "1.0.0"
FAILED: Final = "TESTS.FAILED"


def told(
    spec: TaskSpec, *, run_id: str, number: int, holds: bool, at: datetime, environment: str = ENVIRONMENT
) -> tuple[Fact, Fact]:
    """That an attempt at mending something ended, by what its proof showed; and its wrapper."""
    skill_id = spec.requires.skill.skill_id
    name, group_id = task_id(spec), digest([run_id, task_id(spec), number])
    outcome = AttemptOutcome.from_value(
        {
            "status": "SUCCEEDED" if holds else "FAILED",
            "failure_reason_code": "NONE" if holds else FAILED,
            "policy_reason_code": "NONE",
        }
    )
    lineage = {"event_id": f"evt-{int(group_id[-12:], 16):026d}-{number + 1}", "sequence": number + 1, "run_id": run_id}
    shown = digest(["proof", group_id])
    wrapper = WrapperEnvelope.from_value(
        {
            "schema_version": "1",
            "run_id": run_id,
            "task_id": name,
            "group_id": group_id,
            "signal": "task_succeeded" if holds else "task_failed",
            "wrapper_policy": "hybrid",
            "task": task_key(spec).to_value(),
            "outcome": outcome.to_value(),
            "evidence": [{"digest": shown, "location": f"evidence/{shown.removeprefix('sha256:')}"}],
            "lineage": lineage,
            "wrap_time": timestamp(at),
        }
    )
    task = TaskFact.from_value(
        {
            "kind": "task",
            "run_id": run_id,
            "task_id": name,
            "group_id": group_id,
            "attempt": number + 1,
            "task": task_key(spec).to_value(),
            "template_digest": template_digest(spec),
            "outcome": outcome.to_value(),
            "fingerprint": fingerprint_input(spec, {skill_id: VERSION}, environment).to_value(),
            "skill_id": skill_id,
            "tool_version": VERSION,
            "job_id": f"job-{int(group_id[-12:], 16):026d}",
            "end_time": timestamp(at),
        }
    )
    return _fact(task, lineage, at), _fact(EvidenceGroupFact(kind="evidence_group", wrapper=wrapper), lineage, at)


def _fact(body: Any, lineage: dict[str, Any], at: datetime) -> Fact:
    source = DocumentSource(
        origin="document",
        family="control/task_result",
        digest=_digest(body),
        lineage=Lineage.from_value(lineage),
    )
    return make_fact(body, source=source, repository_id=REPOSITORY_ID, occur_time=at)


def _digest(body: Contract) -> str:
    return digest(body.to_value())
