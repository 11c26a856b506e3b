"""One attempt, from its claim to its result: requirements, spawn spec, request, job, evidence.

Each step looks first at what is kept, so an attempt that was interrupted anywhere goes on from there: with the same
pin, the same key and so the same job, and with the result that was decided.
"""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final

from dome_contracts.canonical import canonical_bytes, digest_bytes
from dome_contracts.runtime.v1 import Correlation, ExecuteConstraints, Job, ToolDescriptor
from dome_contracts.runtime.v1 import Effector as WireEffector
from dome_contracts.runtime.v1 import EffectorKind as WireEffectorKind
from dome_contracts.schema.control import event_envelope
from dome_contracts.schema.control.spawn_spec import SpawnSpec
from dome_contracts.schema.control.task_result import TaskResult
from dome_contracts.schema.planning.task_spec import TaskLimits
from dome_contracts.schema.shared.definitions import Effector, EffectorKind
from dome_spec.binding import EvidenceStore
from dome_spec.dispatch.decide.identity import LABEL
from dome_spec.dispatch.decide.requirements import Finding, findings
from dome_spec.dispatch.errors import KeyTaken
from dome_spec.dispatch.job.evidence import gather, keep_end, keep_refusal
from dome_spec.dispatch.job.line import Line, StoreReplaced
from dome_spec.dispatch.job.result import Assignment, denied, job_result, lost, unseen_result
from dome_spec.dispatch.job.story import follow_to_the_end
from dome_spec.dispatch.ports import Admission, Denial, RuntimePlane
from dome_spec.dispatch.record import RunRecord, Topic
from dome_spec.dispatch.refusals import EndUnknown, Refused, failure_of
from dome_spec.kernel import Clock, Ids

KEY_REUSED: Final = "IDEMPOTENCY_KEY_REUSED"
RESULT_EXPIRED: Final = "IDEMPOTENT_RESULT_EXPIRED"
_EFFECTORS: Final = {
    EffectorKind.HUMAN: WireEffectorKind.HUMAN,
    EffectorKind.LLM: WireEffectorKind.LLM,
    EffectorKind.SERVICE: WireEffectorKind.SERVICE,
}


@dataclass(frozen=True, slots=True)
class Bench:
    """What every attempt of a run works with."""

    line: Line
    record: RunRecord
    store: EvidenceStore
    features: frozenset[str]
    clock: Clock
    ids: Ids
    effector: Effector
    admission: Admission | None = None
    """Says whether an attempt may begin; None where nobody is asked."""


@dataclass(frozen=True, slots=True)
class Told:
    """Whom an attempt tells how it goes."""

    accepted: Callable[[str], Awaitable[None]]
    """Hears the id of the job, as soon as there is one."""
    progress: Callable[[str], None]
    remaining_s: Callable[[], float]
    """Says how much of the run's time is left."""


@dataclass(frozen=True, slots=True)
class AttemptEnd:
    """How the attempt ended."""

    result: TaskResult
    requirement_missing: bool = False


async def carry(assignment: Assignment, bench: Bench, told: Told) -> AttemptEnd:
    """Carry one attempt to its end, from wherever it stands. Raises KeyTaken, and what no table knows."""
    record, group_id = bench.record, assignment.group_id
    if (kept := record.kept(TaskResult, group_id)) is not None:
        return AttemptEnd(kept, requirement_missing=_was_missing(record, group_id))
    try:
        return await _carry(assignment, bench, told)
    except StoreReplaced as error:
        return AttemptEnd(give_up(assignment, bench, message=str(error), store_id=error.before))
    except Exception as error:
        match failure_of(error):
            case Refused(rpc_reason, policy_reason_code, message):
                return AttemptEnd(
                    _refuse(assignment, bench, policy_reason_code, message=message, rpc_reason=rpc_reason)
                )
            case EndUnknown(rpc_reason, message):
                bench.line.doubt()
                return AttemptEnd(give_up(assignment, bench, message=message, rpc_reason=rpc_reason))
        if getattr(error, "reason", None) == KEY_REUSED:
            raise KeyTaken(group_id, str(error)) from error
        raise


def give_up(
    assignment: Assignment, bench: Bench, *, message: str, rpc_reason: str = "", store_id: str = ""
) -> TaskResult:
    """The result of an attempt whose job nobody can be asked about any more; of the store that had it, where known."""
    said = {"group_id": assignment.group_id, "message": message, "rpc_reason": rpc_reason, "store_id": store_id}
    if bench.record.log.of_attempt(Topic.LOST, assignment.group_id) is None:
        _log(assignment, bench, Topic.LOST, said)
    member, now = keep_end(said, bench.store), bench.clock.now()
    result = unseen_result(assignment, lost(), message=message, end_time=now, rpc_reason=rpc_reason)
    return bench.record.keep(result.model_copy(update={"evidence": [member.evidence]}))


async def _carry(assignment: Assignment, bench: Bench, told: Told) -> AttemptEnd:
    record, store_id = bench.record, bench.line.store_id
    # Whatever is asked of the attempt is asked of the daemon that had it first: another one would run it once more.
    ask = partial(bench.line.ask, store_id=store_id)
    job_id = assignment.attempt.job_id
    if job_id is None:
        spawn = record.kept(SpawnSpec, assignment.group_id)
        if spawn is None:
            tool = await ask(lambda plane: _tool(plane, assignment))
            spec = assignment.task.spec
            found = findings(spec.requires, tool, bench.features, spec.side_effects)
            _log_findings(assignment, bench, found, tool)
            if tool is None or not all(each.met for each in found):
                return AttemptEnd(_missing(assignment, bench, found), requirement_missing=True)
            if (denial := _denial(assignment, bench, tool)) is not None:
                code, message = denial.policy_reason_code, denial.message
                return AttemptEnd(_refuse(assignment, bench, code, message=message, rpc_reason=""))
            spawn = record.keep(spawn_spec(assignment, tool))
        sent = spawn
        job = await ask(lambda plane: _known_or_asked(plane, assignment, sent, told.remaining_s()))
        job_id = job.job_id
        await told.accepted(job_id)
    story = await follow_to_the_end(bench.line, job_id, told.progress, store_id=store_id)
    members = await ask(lambda plane: gather(plane, story, bench.store))
    result = job_result(assignment, story, [member.evidence for member in members])
    return AttemptEnd(record.keep(result))


def _denial(assignment: Assignment, bench: Bench, tool: ToolDescriptor) -> Denial | None:
    if bench.admission is None or tool.summary is None:
        return None
    return bench.admission.ask(assignment, tool.summary)


async def _tool(plane: RuntimePlane, assignment: Assignment) -> ToolDescriptor | None:
    skill_id = assignment.task.spec.requires.skill.skill_id
    try:
        return await plane.tool(skill_id, working_directory=assignment.working_directory)
    except Exception as error:
        if getattr(error, "reason", None) == "SKILL_NOT_FOUND":
            return None
        raise


def spawn_spec(assignment: Assignment, tool: ToolDescriptor) -> SpawnSpec:
    """Everything that the attempt is started with. Its limits are the task's, no looser than the tool's own."""
    spec, summary = assignment.task.spec, tool.summary
    if summary is None:
        raise ValueError(f"the tool {spec.requires.skill.skill_id} came without its summary")
    more: dict[str, Any] = {"limits": limits} if (limits := _limits(spec.limits, tool)) is not None else {}
    return SpawnSpec(
        **assignment.identity(),
        wave=assignment.wave,
        skill_id=summary.tool_id,
        tool_digest=summary.tool_digest,
        input_hash=digest_bytes(canonical_bytes(spec.input)),
        side_effects=spec.side_effects,
        **more,
    )


def _limits(wanted: TaskLimits | None, tool: ToolDescriptor) -> TaskLimits | None:
    if wanted is None:
        return None
    own = tool.limits
    fields = {name: getattr(wanted, name) for name in wanted.model_fields_set}
    if own is not None and own.grace is not None and wanted.grace_s is not None:
        fields["grace_s"] = min(wanted.grace_s, own.grace.total_seconds())
    if own is not None and own.output_bytes_max and wanted.output_bytes_max is not None:
        fields["output_bytes_max"] = min(wanted.output_bytes_max, own.output_bytes_max)
    return TaskLimits(**fields)


async def _known_or_asked(plane: RuntimePlane, assignment: Assignment, spawn: SpawnSpec, remaining_s: float) -> Job:
    """The job of the attempt, also where its output is not kept any more: then the daemon names the job that it was."""
    try:
        return await _execute(plane, assignment, spawn, remaining_s)
    except Exception as error:
        first_job = getattr(error, "metadata", {}).get("first_job")
        if getattr(error, "reason", None) != RESULT_EXPIRED or not first_job:
            raise
        return await plane.status(first_job)


async def _execute(plane: RuntimePlane, assignment: Assignment, spawn: SpawnSpec, remaining_s: float) -> Job:
    """Ask for the job. The same request for the same attempt, but for its deadline, which no key is bound to."""
    limits = spawn.limits or TaskLimits()
    deadline_s = min(remaining_s, limits.run_timeout_s or remaining_s)
    constraints = ExecuteConstraints(
        deadline=timedelta(seconds=max(deadline_s, 0.001)),
        grace=timedelta(seconds=limits.grace_s) if limits.grace_s is not None else None,
        output_bytes_max=limits.output_bytes_max or 0,
    )
    effector = assignment.effector
    return await plane.execute(
        spawn.skill_id,
        canonical_bytes(assignment.task.spec.input),
        idempotency_key=assignment.group_id,
        tool_digest=spawn.tool_digest,
        working_directory=assignment.working_directory,
        constraints=constraints,
        labels={LABEL: assignment.repository_id},
        correlation=Correlation(
            run_id=assignment.run_id,
            task_id=assignment.task_id,
            group_id=assignment.group_id,
            # Of a request that is refused the daemon keeps these two: they say whose it was.
            client_session_id=assignment.run_id,
            client_call_id=assignment.group_id,
            effector=WireEffector(kind=_EFFECTORS[effector.kind], id=effector.id, profile=effector.profile_ref or ""),
        ),
    )


def _missing(assignment: Assignment, bench: Bench, found: tuple[Finding, ...]) -> TaskResult:
    unmet = [each for each in found if not each.met]
    missing = [f"{each.requirement} (there is {each.found or 'none'})" for each in unmet]
    hints = "".join(f" {hint}." for hint in dict.fromkeys(each.hint for each in unmet) if hint)
    message = f"Required, and not there: {'; '.join(missing)}.{hints}"
    reason = "" if found[0].found else "SKILL_NOT_FOUND"
    return _refuse(assignment, bench, unmet[0].policy_reason_code, message=message, rpc_reason=reason)


def _refuse(
    assignment: Assignment, bench: Bench, policy_reason_code: str, *, message: str, rpc_reason: str
) -> TaskResult:
    """Write down and keep that the attempt was refused: the log has the event that its wrapper descends from."""
    payload = {"message": message, "policy_reason_code": policy_reason_code, "rpc_reason": rpc_reason}
    if bench.record.log.of_attempt(Topic.REFUSED, assignment.group_id) is None:
        _log(assignment, bench, Topic.REFUSED, payload)
    member = keep_refusal(message, rpc_reason, assignment.group_id, bench.store)
    outcome, now = denied(policy_reason_code), bench.clock.now()
    result = unseen_result(assignment, outcome, message=message, end_time=now, rpc_reason=rpc_reason)
    return bench.record.keep(result.model_copy(update={"evidence": [member.evidence]}))


def _log_findings(
    assignment: Assignment, bench: Bench, found: tuple[Finding, ...], tool: ToolDescriptor | None
) -> None:
    payload = {
        "findings": [asdict(each) for each in found],
        "met": all(each.met for each in found),
        "tool_version": tool.summary.version if tool is not None and tool.summary is not None else "",
    }
    _log(assignment, bench, Topic.REQUIREMENTS_CHECKED, payload)


def _log(assignment: Assignment, bench: Bench, topic: Topic, payload: dict[str, Any]) -> None:
    correlation = event_envelope.Correlation(task_id=assignment.task_id, group_id=assignment.group_id)
    bench.record.log.append(
        topic, payload, clock=bench.clock, ids=bench.ids, effector=bench.effector, correlation=correlation
    )


def _was_missing(record: RunRecord, group_id: str) -> bool:
    checked = record.log.of_attempt(Topic.REQUIREMENTS_CHECKED, group_id)
    return checked is not None and not checked.payload["met"]
