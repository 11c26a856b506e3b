"""The record of one finished job as a document of the family `runtime/run_manifest`."""

from typing import TYPE_CHECKING, Any, Final

from dome_client.cli.render.document import timestamp

if TYPE_CHECKING:
    from dome_contracts.runtime.v1 import Job, RunProvenance

_REQUIRED: Final = (
    "repo", "commit_sha", "dirty_flag", "contract_hashes", "tool_versions", "input_hash", "env_fingerprint",
)  # fmt: skip
_OPTIONAL: Final = (
    "repository_state_reason", "branch", "remote", "dirty_digest", "platform", "working_directory", "result_digest",
    "stdout_digest", "stderr_digest", "retry_of_job_id",
)  # fmt: skip
_EFFECTS: Final = ("filesystem", "network", "processes")
_ARTIFACT: Final = ("name", "digest", "size_bytes", "media_type")


def run_manifest(job: "Job", provenance: "RunProvenance", *, chain_head: str) -> dict[str, Any]:
    """The document. The job has ended; its provenance is complete."""
    correlation, outcome = job.correlation, job.outcome
    whole: dict[str, Any] = {
        "manifest_version": "1",
        "job_id": job.job_id,
        "run_id": correlation.run_id if correlation is not None else "",
        "skill_id": job.skill_id,
        "tool_version": job.tool_version,
        "tool_digest": job.tool_digest,
        "state": job.state.name,
        "failure_reason_code": outcome.failure_reason_code if outcome is not None else "",
        "chain_head": chain_head,
    }
    times = {"create_time": job.create_time, "start_time": job.start_time, "end_time": job.end_time}
    whole |= {name: timestamp(time) for name, time in times.items() if time is not None}
    return {name: value for name, value in whole.items() if value != ""} | {"provenance": _record(provenance)}


def _record(provenance: "RunProvenance") -> dict[str, Any]:
    record: dict[str, Any] = {name: getattr(provenance, name) for name in _REQUIRED}
    if provenance.repository_state:
        record["repository_state"] = provenance.repository_state.name
    if (held := provenance.effects_enforcement) is not None and all(getattr(held, name) for name in _EFFECTS):
        record["effects_enforcement"] = {name: getattr(held, name).name for name in _EFFECTS}
    if provenance.artifacts:
        record["artifacts"] = [{name: getattr(each, name) for name in _ARTIFACT} for each in provenance.artifacts]
    return record | {name: value for name in _OPTIONAL if (value := getattr(provenance, name))}
