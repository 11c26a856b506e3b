"""What a retry is: the digest that stands for a request, and what a key that is known already means.

A key is bound to a request within its scope (user, method). Labels, trace context, client ids, deadline and grace
are not part of a request's identity; neither is anything of the tool beyond what the caller pinned, so that an edited
manifest never turns a retry into a conflict. Fixed by `contracts/vectors/idempotency.json`.
"""

from dataclasses import dataclass
from typing import Final

from dome_contracts.canonical import digest
from dome_contracts.runtime.v1 import Correlation, ExecuteConstraints, SkillExecuteRequest
from domed.jobs.model import KeyBinding

METHOD: Final = "SkillExecute"
"""The call that keys belong to, in their scope and in the digest."""


@dataclass(frozen=True, slots=True)
class New:
    """The key is not known: the request is a job of its own."""


@dataclass(frozen=True, slots=True)
class Same:
    """A retry: the answer is the first job."""

    first: KeyBinding


@dataclass(frozen=True, slots=True)
class Reused:
    """The key belongs to another request."""

    first: KeyBinding


Decision = New | Same | Reused


def request_digest(request: SkillExecuteRequest, *, input_hash: str, working_directory: str) -> str:
    """`sha256:<hex>` over what makes a request this request, as it was sent.

    `input_hash` is the digest of `request.input`; `working_directory` is the request's, resolved. Of a retry it is
    over the job that is named, not over what is taken from that job. Raises NotCanonical for an output limit above
    2**53 - 1.
    """
    constraints = request.constraints or ExecuteConstraints()
    correlation = request.correlation or Correlation()
    return digest(
        {
            "method": METHOD,
            "skill_id": request.skill_id,
            "pin": _pin(request),
            "input": input_hash,
            "constraints": {"output_bytes_max": constraints.output_bytes_max or None},
            "working_directory": working_directory,
            "environment": dict(request.environment),
            "run_id": correlation.run_id,
            "task_id": correlation.task_id,
            "group_id": correlation.group_id,
            **({"retry_of_job_id": request.retry_of_job_id} if request.retry_of_job_id else {}),
        }
    )


def decide(known: KeyBinding | None, digest: str) -> Decision:
    """What to do with a request of this digest whose key is bound to `known`."""
    if known is None:
        return New()
    return Same(known) if known.request_digest == digest else Reused(known)


def _pin(request: SkillExecuteRequest) -> dict[str, str] | None:
    if request.tool_version is not None:
        return {"version": request.tool_version}
    if request.tool_digest is not None:
        return {"digest": request.tool_digest}
    return None
