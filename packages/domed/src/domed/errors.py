"""What a caller is told when a call fails, one class a reason. What ends the daemon stands in `faults`.

    DomedError                      has a reason of the contract; answered to the caller
    ├── InvalidRequest              INVALID_REQUEST, with field violations
    ├── ConstraintLoosened          CONSTRAINT_LOOSENED
    ├── WorkingDirectoryInvalid     WORKING_DIRECTORY_INVALID
    ├── SkillNotFound               SKILL_NOT_FOUND
    ├── JobNotFound                 JOB_NOT_FOUND
    ├── ArtifactNotFound            ARTIFACT_NOT_FOUND
    ├── ArtifactCorrupt             ARTIFACT_CORRUPT
    ├── NotRunnable                 NOT_RUNNABLE
    ├── ToolUntrusted               TOOL_UNTRUSTED
    ├── ManifestChanged             MANIFEST_CHANGED
    ├── CapabilityMissing           CAPABILITY_MISSING
    ├── InvalidTransition           INVALID_TRANSITION
    ├── IdempotencyKeyReused        IDEMPOTENCY_KEY_REUSED
    ├── IdempotentResultExpired     IDEMPOTENT_RESULT_EXPIRED
    ├── LockConflict                LOCK_CONFLICT
    ├── EventsGone                  EVENTS_GONE
    ├── SeqAhead                    SEQ_AHEAD
    ├── LimitExceeded               LIMIT_EXCEEDED
    ├── TooLarge                    TOO_LARGE
    ├── PeerDenied                  PEER_DENIED
    ├── ShuttingDown                SHUTTING_DOWN
    ├── Unsupported                 UNSUPPORTED
    └── InternalError               INTERNAL

The message of a DomedError says what and why; what to do next stands in the catalogue and is added at the edge.
"""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from dome_contracts.errors.v1 import ErrorReason


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """One place of a request that breaks a rule."""

    field: str
    """Field of the message, then a JSON pointer into the document where it holds one: `input/pattern`."""
    description: str


class DomedError(Exception):
    """An error that a caller is told. `metadata` has the keys that the catalogue lists for the reason."""

    reason: ClassVar[ErrorReason]

    def __init__(self, message: str, metadata: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.metadata = dict(metadata or {})


class InvalidRequest(DomedError):
    """The request does not satisfy the contract or the tool's input schema."""

    reason = ErrorReason.INVALID_REQUEST

    def __init__(self, violations: Sequence[FieldViolation]) -> None:
        self.violations = tuple(violations)
        first = self.violations[0]
        more = f" (and {len(self.violations) - 1} more)" if len(self.violations) > 1 else ""
        super().__init__(f"{first.field}: {first.description.removesuffix('.')}{more}.", {"field": first.field})


class ConstraintLoosened(DomedError):
    """A constraint of the request is looser than the manifest's."""

    reason = ErrorReason.CONSTRAINT_LOOSENED

    def __init__(self, constraint: str, *, asked: str, allowed: str) -> None:
        super().__init__(
            f"The request asks for {constraint} {asked}; the tool allows at most {allowed}.",
            {"constraint": constraint, "asked": asked, "allowed": allowed},
        )


class WorkingDirectoryInvalid(DomedError):
    """The working directory cannot be used."""

    reason = ErrorReason.WORKING_DIRECTORY_INVALID

    def __init__(self, path: str, *, problem: str) -> None:
        super().__init__(f"The working directory {path!r} {problem}.", {"path": path, "problem": problem})


class SkillNotFound(DomedError):
    """No tool has this id."""

    reason = ErrorReason.SKILL_NOT_FOUND

    def __init__(self, skill_id: str, *, similar: Sequence[str] = (), rejection: str = "") -> None:
        """`rejection` says why the manifest with this id was left out."""
        hint = f" Similar: {', '.join(similar)}." if similar else ""
        if rejection:
            hint = f" Its manifest was rejected: {rejection.splitlines()[0].rstrip('.')}; see `dome tools`."
        super().__init__(f"There is no tool {skill_id!r}.{hint}", {"skill_id": skill_id})


class JobNotFound(DomedError):
    """No job has this id."""

    reason = ErrorReason.JOB_NOT_FOUND

    def __init__(self, job_id: str) -> None:
        super().__init__(f"There is no job {job_id!r}.", {"job_id": job_id})


class ArtifactNotFound(DomedError):
    """No artifact has this digest."""

    reason = ErrorReason.ARTIFACT_NOT_FOUND

    def __init__(self, digest: str) -> None:
        super().__init__(f"There is no artifact {digest!r}.", {"digest": digest})


class ArtifactCorrupt(DomedError):
    """The stored bytes of an artifact no longer have its digest."""

    reason = ErrorReason.ARTIFACT_CORRUPT

    def __init__(self, digest: str) -> None:
        super().__init__(f"The stored bytes of the artifact {digest!r} are damaged.", {"digest": digest})


class NotRunnable(DomedError):
    """The entry is a document."""

    reason = ErrorReason.NOT_RUNNABLE

    def __init__(self, skill_id: str) -> None:
        super().__init__(f"{skill_id!r} is a document and cannot be run.", {"skill_id": skill_id})


class ToolUntrusted(DomedError):
    """The tool's digest was not approved."""

    reason = ErrorReason.TOOL_UNTRUSTED

    def __init__(self, skill_id: str, *, digest: str, working_directory: str = "") -> None:
        """`working_directory`: from where the tool is seen; empty where it is seen from everywhere."""
        command = f"dome tools trust {skill_id} --digest {digest}"
        if working_directory:
            command += f" --cwd {shlex.quote(working_directory)}"
        super().__init__(
            f"The tool {skill_id!r} was not approved. This shows what it is and asks: `{command}`.",
            {"skill_id": skill_id, "digest": digest, "command": command},
        )


class ManifestChanged(DomedError):
    """The tool is not the one that was pinned."""

    reason = ErrorReason.MANIFEST_CHANGED

    def __init__(self, skill_id: str, *, pinned: str, current: str) -> None:
        super().__init__(
            f"The tool {skill_id!r} is {current}; the request pinned {pinned}.",
            {"skill_id": skill_id, "pinned": pinned, "current": current},
        )


class CapabilityMissing(DomedError):
    """The daemon lacks something that the tool or the request needs."""

    reason = ErrorReason.CAPABILITY_MISSING

    def __init__(self, capability: str) -> None:
        super().__init__(f"This daemon lacks {capability}.", {"capability": capability})


class InvalidTransition(DomedError):
    """The job's state does not allow the fact."""

    reason = ErrorReason.INVALID_TRANSITION

    def __init__(self, job_id: str, *, state: str, fact: str) -> None:
        metadata = {"job_id": job_id, "state": state, "fact": fact}
        super().__init__(f"The job {job_id!r} is {state}; {fact} does not fit.", metadata)


class IdempotencyKeyReused(DomedError):
    """The idempotency key belongs to another request."""

    reason = ErrorReason.IDEMPOTENCY_KEY_REUSED

    def __init__(self, key: str, *, first_digest: str, this_digest: str, first_job: str) -> None:
        super().__init__(
            f"The key {key!r} belongs to another request: {first_digest} (job {first_job}), this one is {this_digest}.",
            {"key": key, "first_digest": first_digest, "this_digest": this_digest, "first_job": first_job},
        )


class IdempotentResultExpired(DomedError):
    """The output of the key's job has been removed by retention."""

    reason = ErrorReason.IDEMPOTENT_RESULT_EXPIRED

    def __init__(self, key: str, *, first_job: str) -> None:
        super().__init__(f"The job {first_job} of the key {key!r} is gone.", {"key": key, "first_job": first_job})


class LockConflict(DomedError):
    """A lock is held and the request asked not to wait."""

    reason = ErrorReason.LOCK_CONFLICT

    def __init__(self, lock: str, *, holder_job: str) -> None:
        super().__init__(f"The lock {lock!r} is held by {holder_job}.", {"lock": lock, "holder_job": holder_job})


class EventsGone(DomedError):
    """Events of a job, or changes of all, are no longer kept from there on, or the position is none of this store."""

    reason = ErrorReason.EVENTS_GONE

    def __init__(self, job_id: str = "", *, requested: int, oldest: int, latest: int) -> None:
        what = f"Events of the job {job_id} after {requested}" if job_id else f"Changes after the revision {requested}"
        super().__init__(
            f"{what} are not kept; the oldest is {oldest}, the latest {latest}.",
            {"job_id": job_id, "requested": str(requested), "oldest": str(oldest), "latest": str(latest)},
        )


class SeqAhead(DomedError):
    """The asked position lies beyond the end of a job that has ended."""

    reason = ErrorReason.SEQ_AHEAD

    def __init__(self, job_id: str, *, requested: int, latest: int) -> None:
        super().__init__(
            f"The job {job_id} ended with event {latest}; {requested} was asked for.",
            {"job_id": job_id, "requested": str(requested), "latest": str(latest)},
        )


class LimitExceeded(DomedError):
    """A limit of the daemon on what it does at a time was reached: waiting helps."""

    reason = ErrorReason.LIMIT_EXCEEDED

    def __init__(self, limit: str, *, allowed: int, asked: int) -> None:
        super().__init__(
            f"The limit {limit} is {allowed}; the request comes to {asked}.",
            {"limit": limit, "allowed": str(allowed), "asked": str(asked)},
        )


class TooLarge(DomedError):
    """A part of the request is larger than the daemon takes: waiting does not help."""

    reason = ErrorReason.TOO_LARGE

    def __init__(self, limit: str, *, allowed: int, asked: int) -> None:
        super().__init__(
            f"The request is too large: {limit} is {allowed}, and it comes to {asked}.",
            {"limit": limit, "allowed": str(allowed), "asked": str(asked)},
        )


class PeerDenied(DomedError):
    """The peer is another user."""

    reason = ErrorReason.PEER_DENIED

    def __init__(self, uid: int) -> None:
        super().__init__(f"This daemon does not serve the user {uid}.", {"uid": str(uid)})


class ShuttingDown(DomedError):
    """The daemon is stopping."""

    reason = ErrorReason.SHUTTING_DOWN

    def __init__(self) -> None:
        super().__init__("The daemon is stopping.")


class Unsupported(DomedError):
    """The daemon does not offer the call or the option."""

    reason = ErrorReason.UNSUPPORTED

    def __init__(self, feature: str) -> None:
        super().__init__(f"This daemon does not offer {feature}.", {"feature": feature})


class InternalError(DomedError):
    """The daemon failed; the log has the id."""

    reason = ErrorReason.INTERNAL

    def __init__(self, error_id: str) -> None:
        super().__init__(f"The daemon failed; its log has the error {error_id}.", {"error_id": error_id})
