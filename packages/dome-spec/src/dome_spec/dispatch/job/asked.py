"""The digest of the request for an attempt, as the contract fixes it: by it the daemon's audit names what it refused.

Pure. Deadline, labels and the ids that clients give themselves are no part of a request's identity.
"""

from dome_contracts.canonical import canonical_bytes, digest, digest_bytes
from dome_contracts.schema.control.spawn_spec import SpawnSpec
from dome_spec.dispatch.job.result import Assignment

METHOD = "SkillExecute"
"""The call that asks for a job."""


def request_digest(assignment: Assignment, spawn: SpawnSpec, *, real_directory: str) -> str:
    """The digest of what is asked for; `real_directory` is the working directory, resolved."""
    output_bytes_max = spawn.limits.output_bytes_max if spawn.limits is not None else None
    return digest(
        {
            "method": METHOD,
            "skill_id": spawn.skill_id,
            "pin": {"digest": spawn.tool_digest},
            "input": digest_bytes(canonical_bytes(assignment.task.spec.input)),
            "constraints": {"output_bytes_max": output_bytes_max or None},
            "working_directory": real_directory,
            "environment": {},
            "run_id": assignment.run_id,
            "task_id": assignment.task_id,
            "group_id": assignment.group_id,
        }
    )
