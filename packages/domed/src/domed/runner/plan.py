"""What is run for a job: the executor's order and the request for the record, from the job and its tool. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from dome_contracts.runtime.v1 import EffectsEnforcement, Enforcement, RunProvenance
from dome_contracts.schema.runtime.tool_manifest import OnOutputLimit, Repository, ToolManifest, WorkingDirectory
from dome_contracts.tool import SHELL_HELPER
from domed.artifacts import KeepLimits, Workplace
from domed.catalog.tool import Tool
from domed.config import Config
from domed.executors.port import UNBOUNDED, Effects, Executor, Invocation, RunLimits, WhenOver, nothing_more
from domed.jobs.model import Job
from domed.provenance import RunStart
from domed.provenance.record import RepositoryPolicy
from domed.telemetry import TraceContext

_POLICIES: Mapping[Repository, RepositoryPolicy] = {
    Repository.FULL: "full",
    Repository.HEAD: "head",
    Repository.NONE: "none",
}


def working_directory(job: Job, tool: Tool) -> Path | None:
    """Where the program is to run; None in its scratch directory."""
    if tool.working_directory is WorkingDirectory.SCRATCH or not job.submission.working_directory:
        return None
    return Path(job.submission.working_directory)


def environment(job: Job, tool: Tool, config: Config) -> dict[str, str]:
    """The program's environment without what differs from run to run."""
    from_caller = {
        name: value for name, value in job.submission.environment.items() if name in tool.environment_from_caller
    }
    return {**config.child_environment, **tool.environment, **from_caller}


def effects(tool: Tool) -> Effects:
    """What the program is held to, as far as it can be."""
    if tool.manifest is None:
        return UNBOUNDED
    declared = tool.manifest.effects
    return Effects(
        filesystem=declared.filesystem.value,
        network=declared.network.value,
        starts_processes=declared.starts_processes,
        folder=tool.location,
        writes=None if declared.writes is None else tuple(declared.writes),
    )


def run_start(
    job: Job, tool: Tool, config: Config, *, executor: Executor, held: EffectsEnforcement, scratch: Path
) -> RunStart:
    """What the record is told. `held`: what the executor says of the tool's effects."""
    directory = working_directory(job, tool)
    return RunStart(
        tool_id=tool.tool_id,
        tool_version=tool.version,
        tool_digest=tool.digest,
        input_hash=job.submission.input_hash,
        working_directory=directory or scratch,
        environment=environment(job, tool, config),
        requester=job.submission.requester,
        executor=f"{executor.backend}/{executor.version}",
        repository="none" if directory is None else _policy(tool.manifest),
        effects_enforcement=held,
        retry_of_job_id=job.submission.retry_of_job_id,
    )


def invocation(
    job: Job,
    tool: Tool,
    config: Config,
    *,
    payload: bytes,
    scratch: Path,
    now: datetime,
    when_over: WhenOver = nothing_more,
) -> Invocation:
    """What the executor is told."""
    correlation = job.submission.correlation
    of_this_run = {
        "DOME_RUN_ID": correlation.run_id,
        "DOME_TOOL_ID": tool.tool_id,
        "DOME_TOOL_SH": SHELL_HELPER,
        **TraceContext(correlation.traceparent, correlation.tracestate).environment(),
    }
    return Invocation(
        job_id=job.job_id,
        argv=tool.argv(payload),
        payload=tool.standard_input(payload),
        environment={
            **environment(job, tool, config),
            **{name: value for name, value in of_this_run.items() if value},
        },
        working_directory=working_directory(job, tool),
        scratch=scratch,
        limits=_limits(job, tool, config, now=now),
        effects=effects(tool),
        when_over=when_over,
    )


def may_write(invocation: Invocation, record: RunProvenance) -> bool:
    """Whether the run may change files: it says so, or nothing keeps it from that."""
    held = record.effects_enforcement
    return invocation.effects.filesystem == "write" or held is None or held.filesystem is not Enforcement.ENFORCED


def workplace(invocation: Invocation) -> Workplace:
    """Where the run may have put files."""
    return Workplace(
        invocation.working_directory or invocation.scratch,
        invocation.scratch,
        reads_directory=invocation.effects.filesystem != "none",
    )


def keep_limits(tool: Tool, config: Config) -> KeepLimits:
    """What the artifacts of a run are held to."""
    return KeepLimits(
        artifact_bytes_max=tool.limits.artifact_bytes_max or config.artifact_bytes_max,
        artifacts_bytes_max=tool.limits.artifacts_bytes_max or config.artifacts_bytes_max,
    )


def time_left(job: Job, now: datetime) -> timedelta | None:
    """What is left until the job's deadline; None where it has none. The clock may have gone back."""
    if job.submission.deadline is None:
        return None
    return job.submission.deadline - max(timedelta(), now - job.create_time)


def _limits(job: Job, tool: Tool, config: Config, *, now: datetime) -> RunLimits:
    of_tool, asked = tool.limits, job.submission
    run_timeout_s = of_tool.run_timeout_s if of_tool.run_timeout_s is not None else config.run_timeout_s
    if (left := time_left(job, now)) is not None:
        run_timeout_s = max(0.0, min(run_timeout_s, left.total_seconds()))
    grace_s = of_tool.grace_s if of_tool.grace_s is not None else config.grace_s
    output_bytes_max = of_tool.output_bytes_max or config.output_bytes_max
    return RunLimits(
        run_timeout_s=run_timeout_s,
        grace_s=grace_s if asked.grace is None else min(grace_s, asked.grace.total_seconds()),
        output_bytes_max=min(output_bytes_max, asked.output_bytes_max or output_bytes_max),
        kill_on_output_limit=of_tool.on_output_limit is OnOutputLimit.KILL,
        idle_timeout_s=of_tool.idle_timeout_s,
        cpu_s_max=of_tool.cpu_s_max,
        memory_bytes_max=of_tool.memory_bytes_max,
        open_files_max=of_tool.open_files_max,
        user_processes_max=of_tool.user_processes_max,
        run_memory_bytes_max=of_tool.run_memory_bytes_max,
        run_processes_max=of_tool.run_processes_max,
    )


def _policy(manifest: ToolManifest | None) -> RepositoryPolicy:
    if manifest is None or manifest.provenance is None:
        return "full"
    return _POLICIES[manifest.provenance.repository]
