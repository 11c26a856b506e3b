"""Capsules as lines for people. Judges none of them."""

from collections.abc import Iterator
from typing import Final

from dome_contracts.schema.knowledge.capsule import Capsule, Eligibility
from dome_spec.commands.memory.identifiers import short

HEADING: Final = ("CAPSULE", "FAILURE", "ACTION", "TARGET", "SUPPORT", "AGAINST", "SEEN", "CONFIDENCE", "LAST SEEN")


def capsule_row(capsule: Capsule) -> tuple[str, ...]:
    """One line of the list."""
    task = capsule.key.task
    return (
        short(capsule.capsule_id),
        task.failure_reason_code,
        task.action.kind.value,
        f"{task.target.kind.value} {task.target.id}",
        str(capsule.support_count),
        str(capsule.contradiction_count),
        str(capsule.sighting_count),
        f"{capsule.confidence:.2f}",
        capsule.last_seen_ts,
    )


def capsule_lines(capsule: Capsule) -> Iterator[str]:
    """Everything about one capsule."""
    task = capsule.key.task
    yield f"capsule      {capsule.capsule_id}"
    yield f"task         {task.action.kind.value} {task.target.kind.value} {task.target.id} ({task.scope.value})"
    yield f"failure      {task.failure_reason_code}"
    yield f"fingerprint  {capsule.key.fingerprint_hash}"
    yield f"counts       {capsule.support_count} supports, {capsule.contradiction_count} contradictions, " + (
        f"{capsule.sighting_count} sightings"
    )
    yield f"confidence   {capsule.confidence:.3f}"
    yield f"seen         {capsule.first_seen_ts} to {capsule.last_seen_ts}"
    if capsule.last_support_ts is not None:
        yield f"supported    last {capsule.last_support_ts}"
    if capsule.remedy is None:
        yield "remedy       none: nothing has succeeded yet"
    else:
        remedy = capsule.remedy
        yield f"remedy       {remedy.skill_id} {remedy.tool_version}, template {short(remedy.template_digest)}"
        for evidence in remedy.evidence:
            yield f"  shown by   {evidence.location}"
    if capsule.eligibility is not None:
        yield from eligibility_lines(capsule.eligibility)


def eligibility_lines(eligibility: Eligibility) -> Iterator[str]:
    """Whether it may be applied at a moment, and if not, every reason why."""
    yield f"use          {eligibility.use.value} as of {eligibility.evaluate_time}"
    for each in eligibility.reasons:
        numbers = (
            f" ({each.actual:g}, asked is {each.limit:g})" if each.limit is not None and each.actual is not None else ""
        )
        detail = f": {each.detail}" if each.detail else ""
        yield f"  {each.code.value}{numbers}{detail}"


def contribution_rows(capsule: Capsule) -> list[tuple[str, ...]]:
    """The last contributions, the latest at the end."""
    rows = [
        (each.end_time, each.effect.value, each.key.run_id, short(each.key.task_id), each.job_id or "-")
        for each in capsule.latest_contributions
    ]
    return [("ENDED", "EFFECT", "RUN", "TASK", "JOB"), *rows]
