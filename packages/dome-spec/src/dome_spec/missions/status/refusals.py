"""Why the status of a mission does not change, or cannot be read. Each says what, why, and what to do.

StatusRefusal
├── TransitionRefused    the table or a guard refuses; `reason` says which
│   └── StaleArtefact    what the effector was told is not what holds now
├── StreamMoved          somebody else was first
│   └── ClaimConflict    and holds the package
├── StreamInvalid        an event cannot follow where it stands
├── MergeRefused         two logs have other events of the same id
├── PackageUnknown       the mission has no such package
└── MissionFixed         its packages are fixed already
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dome_contracts.exit_codes import Exit
from dome_spec.kernel import Refusal

if TYPE_CHECKING:
    from dome_contracts.schema.missions.status_event import StatusEvent
    from dome_contracts.schema.shared.definitions import Effector


class StatusRefusal(Refusal):
    """The status stays as it is."""

    code = "STATUS_REFUSED"


class TransitionRefused(StatusRefusal):
    """The table has no such edge, or a guard is not satisfied."""

    code = "TRANSITION_REFUSED"

    def __init__(self, reason: str, what: str, *, why: str = "", hint: str = "") -> None:
        super().__init__(what, why=why, hint=hint)
        self.reason = reason
        """Which rule refused, for programs: `NO_EDGE`, `PACKAGE_PENDING`, `PACKAGE_CONFLICTED`, or of a guard."""

    @property
    def metadata(self) -> Mapping[str, str]:
        return {"rule": self.reason}


class StaleArtefact(TransitionRefused):
    """What the effector was told is not what holds now."""

    code = "STALE_ARTEFACT"


class StreamMoved(StatusRefusal):
    """Another writer was first. Nothing was written."""

    code = "STREAM_MOVED"
    exit_code = Exit.TRY_AGAIN

    def __init__(self, stream: str, *, expected: int, found: int) -> None:
        super().__init__(
            f"{stream} has changed meanwhile",
            why=f"it had {expected} events when it was read, and has {found}",
            hint="Read it again and decide anew",
        )
        self.stream = stream
        self.expected = expected
        self.found = found


class ClaimConflict(StreamMoved):
    """Another effector was first, and holds the package."""

    code = "CLAIM_CONFLICT"
    exit_code = Exit.PRECONDITION

    def __init__(self, package: str, holder: "Effector", *, expected: int, found: int) -> None:
        super().__init__(package, expected=expected, found=found)
        StatusRefusal.__init__(
            self,
            f"{package} is held by {holder.kind.value} {holder.id}",
            hint="Take another one: `dome mission next` names it",
        )
        self.holder = holder

    @property
    def metadata(self) -> Mapping[str, str]:
        return {"holder": f"{self.holder.kind.value}:{self.holder.id}"}


class StreamInvalid(StatusRefusal):
    """The event cannot follow where it stands: the log was altered, or written by rules that are not these."""

    code = "STREAM_INVALID"
    exit_code = Exit.INVALID

    def __init__(self, event: "StatusEvent", why: str) -> None:
        super().__init__(f"Event {event.event_id} cannot follow where it stands", why=why, hint="Export and compare it")
        self.event = event


class MergeRefused(StatusRefusal):
    """Two logs say different things under the same id."""

    code = "MERGE_REFUSED"
    exit_code = Exit.INVALID


class PackageUnknown(StatusRefusal):
    """The mission has no such package."""

    code = "PACKAGE_UNKNOWN"
    exit_code = Exit.NOT_FOUND


class MissionFixed(StatusRefusal):
    """The packages are fixed, and these are others."""

    code = "MISSION_FIXED"
