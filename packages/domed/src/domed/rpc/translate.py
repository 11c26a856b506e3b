"""Our values as messages, and requests as our values. Total functions: they raise nothing and read nothing else."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from dome_contracts.ids import JobId, RefusalId
from dome_contracts.runtime.v1 import (
    CatalogProblem,
    Correlation,
    FilesystemEffect,
    ListJobsRequest,
    Lock,
    NetworkEffect,
    Permission,
    RefusedRequest,
    Requester,
    ToolApproval,
    ToolDescriptor,
    ToolEffects,
    ToolFile,
    ToolHints,
    ToolLimits,
    ToolSummary,
    ToolTrust,
    WatchJobsRequest,
)
from dome_contracts.runtime.v1 import Job as WireJob
from dome_contracts.runtime.v1 import JobChange as WireChange
from dome_contracts.schema.runtime.tool_manifest import Effects, Filesystem, Hints, Network, ToolManifest
from dome_contracts.schema.runtime.tool_manifest import Enforcement as EffectsRule
from domed.catalog import Tool, printable
from domed.jobs.approval import Approval
from domed.jobs.model import Job
from domed.jobs.refusal import Refusal
from domed.locks import LockState
from domed.store.port import JobChange, JobQuery, RefusalQuery

WAITERS_SHOWN_MAX: Final = 100
_FILESYSTEM: Final = {
    Filesystem.NONE: FilesystemEffect.NONE,
    Filesystem.READ: FilesystemEffect.READ,
    Filesystem.WRITE: FilesystemEffect.WRITE,
}
_NETWORK: Final = {
    Network.NONE: NetworkEffect.NONE,
    Network.LOOPBACK: NetworkEffect.LOOPBACK,
    Network.ANY: NetworkEffect.ANY,
}


def wire_job(job: Job) -> WireJob:
    """One job as it stands."""
    accepted = job.submission
    return WireJob(
        job_id=job.job_id,
        skill_id=accepted.skill_id,
        tool_version=accepted.tool_version,
        tool_digest=accepted.tool_digest,
        state=job.state,
        last_seq=job.last_seq,
        create_time=job.create_time,
        start_time=job.start_time,
        end_time=job.end_time,
        cancel_requested=job.cancel_requested,
        attempt=job.attempt,
        progress=job.progress,
        outcome=job.outcome,
        artifacts=list(job.artifacts),
        provenance=job.provenance,
        correlation=accepted.correlation,
        labels=dict(accepted.labels),
        priority=accepted.priority,
        working_directory=accepted.working_directory,
        request_digest=accepted.request_digest,
        idempotency_key=accepted.idempotency_key,
        retry_of_job_id=accepted.retry_of_job_id,
    )


def summary(tool: Tool) -> ToolSummary:
    """One line about a tool."""
    return ToolSummary(
        tool_id=tool.tool_id,
        version=tool.version,
        kind=tool.kind,
        title=tool.title,
        short_description=tool.short_description,
        input_schema=tool.input_schema_ref,
        output_schema=tool.output_schema_ref,
        executor_backend=tool.backend,
        hints=_hints(tool.manifest.hints) if tool.manifest is not None else None,
        origin=tool.origin,
        trust=ToolTrust.TRUSTED if tool.trusted else ToolTrust.UNTRUSTED,
        tool_digest=tool.digest,
    )


def descriptor(tool: Tool) -> ToolDescriptor:
    """Everything about a tool. A document has its summary and its text."""
    described = ToolDescriptor(
        summary=summary(tool),
        description=tool.text,
        input_schema_document=tool.input_schema,
        output_schema_document=tool.output_schema,
        locks=sorted(tool.locks),
        environment_from_caller=sorted(tool.environment_from_caller),
        location=str(tool.location),
        files=[
            ToolFile(path=path, digest=file.digest, size_bytes=file.size_bytes) for path, file in tool.files.items()
        ],
    )
    if tool.manifest is not None:
        _describe(described, tool, tool.manifest)
    return described


def permissions(effects: Effects) -> list[Permission]:
    """The four words that the effects come to, in the order of the contract."""
    words = {
        Permission.FILESYSTEM_READ: effects.filesystem is not Filesystem.NONE,
        Permission.FILESYSTEM_WRITE: effects.filesystem is Filesystem.WRITE,
        Permission.NETWORK: effects.network is not Network.NONE,
        Permission.PROCESS: effects.starts_processes,
    }
    return [word for word, holds in words.items() if holds]


def lock(state: LockState) -> Lock:
    """A lock with the job that took it first and those that wait."""
    return Lock(
        name=state.name,
        holder_job_id=state.holders[0] if state.holders else "",
        waiter_job_ids=list(state.waiters[:WAITERS_SHOWN_MAX]),
        waiter_count=len(state.waiters),
    )


def shown_problems(problems: Sequence[CatalogProblem], fitting: Sequence[CatalogProblem]) -> list[CatalogProblem]:
    """The problems that fit, and one that counts the others: nothing is left out in silence."""
    if len(fitting) == len(problems):
        return list(problems)
    first = problems[len(fitting)]
    message = (
        f"{len(problems) - len(fitting)} more are left out from here on. Mend those that are shown, then list again."
    )
    return [*fitting, CatalogProblem(kind=first.kind, path=first.path, message=message, origin=first.origin)]


def job_query(request: ListJobsRequest, *, before: JobId | None, limit: int) -> JobQuery:
    """The filters of a listing."""
    return JobQuery(
        states=frozenset(state for state in request.states if state),
        skill_id=request.skill_id,
        run_id=request.run_id,
        labels=dict(request.labels),
        create_time_min=request.create_time_min,
        create_time_max=request.create_time_max,
        before=before,
        limit=limit,
    )


def refusal_query(request: ListJobsRequest, *, before: RefusalId | None, limit: int) -> RefusalQuery:
    """The filters of a listing that hold for refused requests."""
    return RefusalQuery(
        skill_id=request.skill_id,
        occur_time_min=request.create_time_min,
        occur_time_max=request.create_time_max,
        before=before,
        limit=limit,
    )


def refused_request(refusal: Refusal) -> RefusedRequest:
    """One row of the audit."""
    return RefusedRequest(
        refusal_id=refusal.refusal_id,
        occur_time=refusal.occur_time,
        requester=refusal.requester,
        skill_id=refusal.skill_id,
        reason=refusal.reason,
        request_digest=refusal.request_digest,
        method=refusal.method,
        omitted_count=refusal.omitted_count,
    )


def change_query(request: WatchJobsRequest) -> JobQuery:
    """The filters of a watch."""
    return JobQuery(
        states=frozenset(state for state in request.states if state),
        skill_id=request.skill_id,
        run_id=request.run_id,
        labels=dict(request.labels),
    )


def wire_change(change: JobChange) -> WireChange:
    """One change of one job."""
    return WireChange(revision=change.revision, job=wire_job(change.job))


def requester(caller: Requester, correlation: Correlation) -> Requester:
    """The caller as the edge knows it and the client says, with session and call as the request says."""
    return Requester(
        uid=caller.uid,
        pid=caller.pid,
        client=caller.client,
        client_session_id=correlation.client_session_id,
        client_call_id=correlation.client_call_id,
        proof=caller.proof,
    )


def approval(found: Approval) -> ToolApproval:
    """One approval."""
    return ToolApproval(
        root=printable(found.place.root),
        tool_id=found.place.tool_id,
        tool_digest=found.place.tool_digest,
        approve_time=found.approve_time,
        requester=found.requester,
    )


def _describe(described: ToolDescriptor, tool: Tool, manifest: ToolManifest) -> None:
    effects, limits = manifest.effects, tool.limits
    described.effects = ToolEffects(
        filesystem=_FILESYSTEM[effects.filesystem],
        network=_NETWORK[effects.network],
        starts_processes=effects.starts_processes,
        writes_listed=effects.writes is not None,
        writes=list(effects.writes or ()),
        enforcement_required=effects.enforcement is EffectsRule.REQUIRED,
    )
    described.permissions = permissions(effects)
    described.limits = ToolLimits(
        queue_timeout=_duration(limits.queue_timeout_s),
        run_timeout=_duration(limits.run_timeout_s),
        idle_timeout=_duration(limits.idle_timeout_s),
        grace=_duration(limits.grace_s),
        output_bytes_max=limits.output_bytes_max or 0,
        concurrency_max=limits.concurrency_max or 0,
        artifact_bytes_max=limits.artifact_bytes_max or 0,
        artifacts_bytes_max=limits.artifacts_bytes_max or 0,
        cpu_max=_duration(limits.cpu_s_max),
        memory_bytes_max=limits.memory_bytes_max or 0,
        open_files_max=limits.open_files_max or 0,
        user_processes_max=limits.user_processes_max or 0,
        run_memory_bytes_max=limits.run_memory_bytes_max or 0,
        run_processes_max=limits.run_processes_max or 0,
    )
    described.command = tool.argv_fixed
    described.arguments_from = manifest.executor.arguments_from or ""
    described.standard_input_from = manifest.executor.standard_input_from or ""
    described.deterministic = bool(manifest.deterministic)
    described.volatile_fields = list(manifest.volatile_fields or ())


def _hints(hints: Hints) -> ToolHints:
    return ToolHints(
        read_only=hints.read_only,
        destructive=hints.destructive,
        idempotent=hints.idempotent,
        open_world=hints.open_world,
    )


def _duration(seconds: float | None) -> timedelta | None:
    return timedelta(seconds=seconds) if seconds is not None else None
