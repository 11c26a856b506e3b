"""The named views: rows derived from facts, their total orders, and the filters that may be asked for.

Whatever the fallback mode, views show what happened; modes decide only what is learnt of it. A row names the TaskSpec
by its columns; they are empty where no fact has said them yet.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from dome_spec.binding.contributions import Matter
from dome_spec.binding.modes import DENIALS
from dome_spec.binding.values import NONE, UNKNOWN_TASK, GuardRefusal, TaskColumns, Wrapping
from dome_spec.kernel import Refusal, from_micros, timestamp

LIMIT_MAX: Final = 200
LIMIT_DEFAULT: Final = 20


class LimitOutOfRange(Refusal):
    """A view gives between one row and as many as is stated."""

    code = "LIMIT_OUT_OF_RANGE"

    def __init__(self, limit: int) -> None:
        super().__init__(f"A view gives no {limit} rows", hint=f"Ask for 1 to {LIMIT_MAX}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """Rows of the TaskSpecs that have these parts; a part that is None is not asked for."""

    scope: str | None = None
    target_kind: str | None = None
    target_id: str | None = None
    action_kind: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureFilter(TaskFilter):
    """Which failures are asked for."""

    failure_reason_code: str | None = None
    """The failure observed."""
    run_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFilter(TaskFilter):
    """Which lines of the gate rollup are asked for."""

    failure_reason_code: str | None = None
    gate_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DenialFilter(TaskFilter):
    """Which refusals are asked for."""

    policy_reason_code: str | None = None
    run_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CapsuleFilter(TaskFilter):
    """Which capsules are asked for."""

    failure_reason_code: str | None = None
    """The failure of the key."""
    fingerprint_hash: str | None = None


ANY_FAILURE: Final = FailureFilter()
ANY_VERDICT: Final = GateFilter()
ANY_DENIAL: Final = DenialFilter()
ANY_CAPSULE: Final = CapsuleFilter()


@dataclass(frozen=True, slots=True)
class FailureRow:
    """A line of `mv_recent_failures_by_taskspec`: an attempt that failed."""

    act: bytes = field(repr=False)
    task: TaskColumns
    failure_reason_code: str
    """The failure observed."""
    policy_reason_code: str
    run_id: str
    task_id: str
    group_id: str
    attempt: int
    job_id: str
    skill_id: str
    tool_version: str
    fingerprint_hash: str
    template_digest: str
    last_seen_us: int


@dataclass(frozen=True, slots=True, order=True)
class GateEntry:
    """What one decision of a gate adds to a line of the rollup."""

    failure_reason_code: str
    gate_id: str
    task: TaskColumns
    verdict: str
    occur_us: int
    fact_id: str


@dataclass(frozen=True, slots=True, order=True)
class GateRow:
    """A line of `mv_gate_rollup_by_failure_reason_code`: what a gate decided on a TaskSpec key, by failure."""

    failure_reason_code: str
    gate_id: str
    task: TaskColumns
    approve_count: int
    reject_count: int
    needs_human_count: int
    last_seen_us: int


@dataclass(frozen=True, slots=True)
class DenialRow:
    """A line of `mv_guard_denials_by_policy_reason_code`: an attempt that was refused for one reason."""

    act: bytes = field(repr=False)
    policy_reason_code: str
    failure_reason_code: str
    """The failure as it stood: a refusal never changes it."""
    task: TaskColumns
    run_id: str
    task_id: str
    group_id: str
    guard_ids: tuple[str, ...]
    """Guards that refused; none where the daemon did."""
    last_seen_us: int


def bounded(limit: int) -> int:
    """The limit, if a view may give so much. Raises LimitOutOfRange."""
    if not 1 <= limit <= LIMIT_MAX:
        raise LimitOutOfRange(limit)
    return limit


def failure_row(matter: Matter) -> FailureRow | None:
    """The line of an attempt that failed."""
    attempt = matter.attempt
    if attempt is None or attempt.status != "FAILED":
        return None
    return FailureRow(
        act=attempt.act,
        task=attempt.task,
        failure_reason_code=attempt.failure,
        policy_reason_code=attempt.policy,
        run_id=attempt.run_id,
        task_id=attempt.task_id,
        group_id=attempt.group_id,
        attempt=attempt.number,
        job_id=attempt.job_id,
        skill_id=attempt.skill_id,
        tool_version=attempt.tool_version,
        fingerprint_hash=attempt.fingerprint_hash,
        template_digest=attempt.template_digest,
        last_seen_us=attempt.end_us,
    )


def gate_entries(matter: Matter) -> Iterator[GateEntry]:
    """What the decisions on an attempt add to the rollup: once for each failure that a decision names."""
    task = matter.task or UNKNOWN_TASK
    for each in matter.verdicts:
        for failure in each.failures:
            yield GateEntry(failure, each.gate_id, task, each.verdict, each.occur_us, each.fact_id)


def roll_up(entries: Iterable[GateEntry]) -> tuple[GateRow, ...]:
    """The rollup, in its order."""
    lines: dict[tuple[str, str, TaskColumns], list[GateEntry]] = {}
    for each in entries:
        lines.setdefault((each.failure_reason_code, each.gate_id, each.task), []).append(each)
    return tuple(_line(lines[key]) for key in sorted(lines))


def denial_rows(matter: Matter) -> Iterator[DenialRow]:
    """The lines of an attempt that was refused: one for each reason, by whomever it was said."""
    said: list[tuple[str, str, int]] = [(each.policy, each.guard_id, each.evaluate_us) for each in matter.refusals]
    said += [(each.policy, "", each.wrap_us) for each in matter.wrappings if each.signal in DENIALS]
    attempt = matter.attempt
    if attempt is not None and attempt.policy != NONE:
        said.append((attempt.policy, "", attempt.end_us))
    if not said:
        return
    policies = {policy for policy, _, _ in said} - {NONE}
    if not policies:
        return
    run_id, task_id, group_id, failure = _who(matter)
    for policy in sorted(policies):
        own = [each for each in said if each[0] == policy]
        yield DenialRow(
            act=matter.act,
            policy_reason_code=policy,
            failure_reason_code=failure,
            task=matter.task or UNKNOWN_TASK,
            run_id=run_id,
            task_id=task_id,
            group_id=group_id,
            guard_ids=tuple(sorted({guard for _, guard, _ in own if guard})),
            last_seen_us=max(moment for _, _, moment in own),
        )


def latest_first(row: FailureRow | DenialRow) -> tuple[int, bytes, str]:
    """The order of failures and refusals: the latest first; of one moment by the attempt's digest, then by reason."""
    return -row.last_seen_us, row.act, row.policy_reason_code


def rendered(row: FailureRow | GateRow | DenialRow) -> dict[str, object]:
    """A row as JSON: the TaskSpec's parts as columns, moments as text, nothing for what is absent."""
    value: dict[str, object] = {}
    for name in type(row).__dataclass_fields__:
        match name, getattr(row, name):
            case "act", _:
                pass
            case "task", TaskColumns() as task:
                value |= {
                    "scope": task.scope,
                    "target_kind": task.target_kind,
                    "target_id": task.target_id,
                    "action_kind": task.action_kind,
                    "addressed_failure_reason_code": task.failure_reason_code,
                }
            case "last_seen_us", moment:
                value["last_seen_ts"] = timestamp(from_micros(moment))
            case _, tuple() as several:
                value[name] = list(several)
            case _, given:
                value[name] = given
    return {name: given for name, given in value.items() if given != ""}


def _line(entries: list[GateEntry]) -> GateRow:
    verdicts = [each.verdict for each in entries]
    first = entries[0]
    return GateRow(
        failure_reason_code=first.failure_reason_code,
        gate_id=first.gate_id,
        task=first.task,
        approve_count=verdicts.count("APPROVE"),
        reject_count=verdicts.count("REJECT"),
        needs_human_count=verdicts.count("NEEDS_HUMAN"),
        last_seen_us=max(each.occur_us for each in entries),
    )


def _who(matter: Matter) -> tuple[str, str, str, str]:
    """Run, task and group of an attempt, and the failure as it stood, from whatever fact says them."""
    if matter.attempt is not None:
        attempt = matter.attempt
        return attempt.run_id, attempt.task_id, attempt.group_id, attempt.failure
    sayers: tuple[Wrapping | GuardRefusal, ...] = (*matter.wrappings, *matter.refusals)
    if not sayers:
        return "", "", "", NONE
    first = sayers[0]
    failures = sorted({each.failure for each in sayers} - {NONE})
    return first.run_id, first.task_id, first.group_id, failures[0] if failures else NONE
