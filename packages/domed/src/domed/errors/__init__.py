"""What a caller is told when a call fails, one class a reason. What ends the daemon stands in `faults`.

Every class stands below DomedError and names its reason of the contract, which the caller is answered with.

The message of a DomedError says what and why; what to do next stands in the catalogue and is added at the edge.
"""

from domed.errors.base import DomedError, FieldViolation
from domed.errors.daemon import InternalError, LimitExceeded, PeerDenied, ShuttingDown, StorageFull, Unauthenticated
from domed.errors.job import (
    IdempotencyKeyReused,
    IdempotentResultExpired,
    InputGone,
    InvalidTransition,
    JobNotFound,
    LockConflict,
)
from domed.errors.kept import ArtifactCorrupt, ArtifactGone, ArtifactNotFound, EventsGone, SeqAhead
from domed.errors.request import (
    CapabilityMissing,
    ConstraintLoosened,
    InvalidRequest,
    TooLarge,
    Unsupported,
    WorkingDirectoryInvalid,
)
from domed.errors.tool import ManifestChanged, NotRunnable, SkillNotFound, ToolUntrusted

__all__ = [
    "ArtifactCorrupt",
    "ArtifactGone",
    "ArtifactNotFound",
    "CapabilityMissing",
    "ConstraintLoosened",
    "DomedError",
    "EventsGone",
    "FieldViolation",
    "IdempotencyKeyReused",
    "IdempotentResultExpired",
    "InputGone",
    "InternalError",
    "InvalidRequest",
    "InvalidTransition",
    "JobNotFound",
    "LimitExceeded",
    "LockConflict",
    "ManifestChanged",
    "NotRunnable",
    "PeerDenied",
    "SeqAhead",
    "ShuttingDown",
    "SkillNotFound",
    "StorageFull",
    "TooLarge",
    "ToolUntrusted",
    "Unauthenticated",
    "Unsupported",
    "WorkingDirectoryInvalid",
]
