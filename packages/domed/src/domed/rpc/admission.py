"""Whether a request becomes a job: every check, in the order in which a caller should hear of them.

First what the request says by itself, which makes it a request with a digest. Then, since any of this may have changed
since the same request was accepted: whether there is such a tool and it may be run, whether the request fits it, and
whether there is room. Changes nothing: the ledger accepts what comes out, and binds the key.
"""

import os
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from dome_contracts.canonical import digest_bytes
from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import (
    Correlation,
    ExecuteConstraints,
    LockWait,
    Requester,
    SkillExecuteRequest,
    ToolKind,
    ToolOrigin,
)
from dome_contracts.schema.runtime.tool_manifest import WorkingDirectory
from domed.catalog import LiveCatalog, Tool
from domed.config import Config
from domed.errors import (
    CapabilityMissing,
    ConstraintLoosened,
    FieldViolation,
    InvalidRequest,
    LimitExceeded,
    LockConflict,
    ManifestChanged,
    NotRunnable,
    TooLarge,
    ToolUntrusted,
    WorkingDirectoryInvalid,
)
from domed.jobs.idempotency import request_digest
from domed.jobs.model import Submission
from domed.ledger import Accepted, JobLedger
from domed.locks import Blocked, Locks, Rank
from domed.rpc import fields
from domed.rpc.given import Begin, Lacks, at_its_turn, nothing_lacks
from domed.rpc.translate import requester

EMPTY_INPUT: Final = b"{}"
"""What a program gets where the request has no input."""
_AFTER_EVERY_JOB: Final = JobId("job-~")
"""Sorts after every id: the place of a job that is not accepted yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that is legal by itself, and what identifies it."""

    request: SkillExecuteRequest
    caller: Requester
    working_directory: str
    """The real path of the request's; empty for none. Whether it is there has not been looked at."""
    input_hash: str
    digest: str
    """What an idempotency key is bound to."""

    @classmethod
    def of(cls, request: SkillExecuteRequest, caller: Requester) -> "Asked":
        """Raises InvalidRequest and WorkingDirectoryInvalid for what no daemon in whatever state would take."""
        fields.check_execute(request)
        working_directory = real_path(request.working_directory)
        input_hash = digest_bytes(request.input)
        return cls(
            request=request,
            caller=caller,
            working_directory=working_directory,
            input_hash=input_hash,
            digest=request_digest(request, input_hash=input_hash, working_directory=working_directory),
        )


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that may become a job."""

    submission: Submission
    tool: Tool
    locks: Collection[str]
    """Those that it must not wait for."""


class Admission:
    """Decides about requests. One for the daemon."""

    def __init__(
        self,
        *,
        catalog: LiveCatalog,
        ledger: JobLedger,
        locks: Locks,
        backends: Collection[str],
        config: Config,
        begin: Begin = at_its_turn,
        lacks: Lacks = nothing_lacks,
    ) -> None:
        """`begin` takes up a job that is being accepted, if that is possible without waiting.

        `lacks` says what of its effects a tool is not held to that must be.
        """
        self._catalog = catalog
        self._ledger = ledger
        self._locks = locks
        self._backends = frozenset(backends)
        self._config = config
        self._begin = begin
        self._lacks = lacks

    async def admit(self, asked: Asked) -> Admitted:
        """What `accept` is given. Raises the DomedError that says why not."""
        request = asked.request
        self._check_input_size(request)
        check_directory(request.working_directory, resolved=asked.working_directory)
        tool = await self._catalog.require(request.skill_id, asked.working_directory)
        check_may_run(tool, working_directory=asked.working_directory)
        check_pin(tool, request)
        self._check_capability(tool)
        check_constraints(tool, request.constraints or ExecuteConstraints(), config=self._config)
        check_fits(tool, request)
        if lacking := await self._lacks(tool):
            raise CapabilityMissing(lacking.capability, why=lacking.why)
        must_not_wait = request.lock_wait is LockWait.REFUSE
        admitted = Admitted(_submission(asked, tool), tool, locks=tool.locks if must_not_wait else ())
        self._check_locks(admitted)
        self._check_room()
        return admitted

    def _check_input_size(self, request: SkillExecuteRequest) -> None:
        allowed = self._config.input_bytes_max
        if len(request.input) > allowed:
            raise TooLarge("input_bytes_max", allowed=allowed, asked=len(request.input))

    def _check_capability(self, tool: Tool) -> None:
        if tool.backend not in self._backends:
            raise CapabilityMissing(f"executor.{tool.backend}")

    def _check_locks(self, admitted: Admitted) -> None:
        asked = admitted.submission
        if admitted.locks:
            rank = Rank.of(_AFTER_EVERY_JOB, priority=asked.priority)
            ancestors = self._ledger.ancestors(asked.correlation)
            raise_conflict(self._locks.blocked(admitted.locks, rank, ancestors=ancestors))

    async def accept(self, admitted: Admitted, payload: bytes) -> Accepted:
        """Have the ledger accept it, in one go with the locks that it must not wait for. Raises LockConflict too."""
        begin = partial(self._begin, tool=admitted.tool, payload=payload)
        if not admitted.locks:
            return await self._ledger.submit(admitted.submission, payload, begin=begin)
        asked = admitted.submission
        named: list[JobId] = []

        def reserve(job_id: JobId) -> None:
            rank = Rank.of(job_id, priority=asked.priority)
            ancestors = self._ledger.ancestors(asked.correlation)
            raise_conflict(self._locks.reserve(admitted.locks, rank, ancestors=ancestors))
            named.append(job_id)

        try:
            accepted = await self._ledger.submit(asked, payload, named=reserve, begin=begin)
        except Exception:
            # Not where the caller leaves: the job is accepted all the same.
            self._locks.give_up(named)
            raise
        if accepted.deduplicated:
            self._locks.give_up(named)
        return accepted

    def _check_room(self) -> None:
        waiting = self._ledger.queued_count()
        if waiting >= self._config.queued_jobs_max:
            raise LimitExceeded("queued_jobs_max", allowed=self._config.queued_jobs_max, asked=waiting + 1)


def raise_conflict(blocked: Blocked | None) -> None:
    """Raises LockConflict for what is in the way."""
    if blocked is not None:
        raise LockConflict(blocked.lock, holder_job=blocked.holder)


def payload_of(request: SkillExecuteRequest) -> bytes:
    """What the program gets on its standard input."""
    return request.input or EMPTY_INPUT


def resolve(working_directory: str) -> str:
    """The real path of a caller's directory, which is there; empty for none. Raises WorkingDirectoryInvalid."""
    resolved = real_path(working_directory)
    check_directory(working_directory, resolved=resolved)
    return resolved


def real_path(working_directory: str) -> str:
    """The real path of a caller's directory, there or not; empty for none. Raises WorkingDirectoryInvalid."""
    if not working_directory:
        return ""
    fields.check_absolute(working_directory)
    if not working_directory.startswith("/"):
        raise WorkingDirectoryInvalid(working_directory, problem="is not absolute")
    resolved = os.path.realpath(working_directory)
    try:
        resolved.encode()
    except UnicodeEncodeError:
        raise WorkingDirectoryInvalid(working_directory, problem="leads to a path that is not UTF-8") from None
    return resolved


def check_directory(working_directory: str, *, resolved: str) -> None:
    """Raises WorkingDirectoryInvalid where a caller's directory cannot be one that a program runs in."""
    if not resolved:
        return
    if not os.path.exists(resolved):
        raise WorkingDirectoryInvalid(working_directory, problem="does not exist")
    if not os.path.isdir(resolved):
        raise WorkingDirectoryInvalid(working_directory, problem="is not a directory")
    if not os.access(resolved, os.R_OK | os.X_OK):
        raise WorkingDirectoryInvalid(working_directory, problem="cannot be read and entered")


def check_may_run(tool: Tool, *, working_directory: str) -> None:
    """Raises NotRunnable or ToolUntrusted. `working_directory`: from where the tool is seen."""
    if tool.kind is not ToolKind.TOOL:
        raise NotRunnable(tool.tool_id)
    if not tool.trusted:
        seen_from = working_directory if tool.origin is ToolOrigin.PROJECT else ""
        raise ToolUntrusted(tool.tool_id, digest=tool.digest, working_directory=seen_from)


def check_pin(tool: Tool, request: SkillExecuteRequest) -> None:
    """Raises ManifestChanged where the tool is not the one that was meant."""
    for pinned, current in ((request.tool_version, tool.version), (request.tool_digest, tool.digest)):
        if pinned is not None and pinned != current:
            raise ManifestChanged(tool.tool_id, pinned=pinned, current=current)


def check_constraints(tool: Tool, constraints: ExecuteConstraints, *, config: Config) -> None:
    """Raises ConstraintLoosened. A deadline comes on top of every limit, so it can only tighten."""
    grace_s = tool.limits.grace_s if tool.limits.grace_s is not None else config.grace_s
    if constraints.grace is not None and constraints.grace > timedelta(seconds=grace_s):
        asked = f"{constraints.grace.total_seconds():g} s"
        raise ConstraintLoosened("grace", asked=asked, allowed=f"{grace_s:g} s")
    bytes_max = tool.limits.output_bytes_max or config.output_bytes_max
    if constraints.output_bytes_max > bytes_max:
        raise ConstraintLoosened("output_bytes_max", asked=str(constraints.output_bytes_max), allowed=str(bytes_max))


def check_fits(tool: Tool, request: SkillExecuteRequest) -> None:
    """Whether environment, directory and input are what the tool takes. Raises InvalidRequest with every place."""
    violations = [
        FieldViolation(f"environment/{name[:80]}", "is not among the names that the tool takes from callers")
        for name in sorted(request.environment.keys() - tool.environment_from_caller)
    ]
    if tool.working_directory is WorkingDirectory.REQUIRED and not request.working_directory:
        violations.append(FieldViolation("working_directory", "is required by this tool"))
    violations.extend(tool.input_violations(request.input))
    if violations:
        raise InvalidRequest(violations)


def _submission(asked: Asked, tool: Tool) -> Submission:
    request = asked.request
    correlation = request.correlation or Correlation()
    constraints = request.constraints or ExecuteConstraints()
    return Submission(
        skill_id=tool.tool_id,
        tool_version=tool.version,
        tool_digest=tool.digest,
        input_hash=asked.input_hash,
        request_digest=asked.digest,
        working_directory=asked.working_directory,
        correlation=correlation,
        requester=requester(asked.caller, correlation),
        idempotency_key=request.idempotency_key,
        environment=dict(request.environment),
        labels=dict(request.labels),
        priority=request.priority,
        lock_wait=request.lock_wait or LockWait.WAIT,
        deadline=constraints.deadline or None,
        grace=constraints.grace or None,
        output_bytes_max=constraints.output_bytes_max or None,
        retry_of_job_id=request.retry_of_job_id,
    )
