"""What is not kept of a job, or not as it was: its events and its artifacts."""

from dome_contracts.errors.v1 import ErrorReason
from domed.errors.base import DomedError


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


class ArtifactNotFound(DomedError):
    """No artifact has this digest."""

    reason = ErrorReason.ARTIFACT_NOT_FOUND

    def __init__(self, digest: str) -> None:
        super().__init__(f"There is no artifact {digest!r}.", {"digest": digest})


class ArtifactGone(DomedError):
    """The artifact was kept, and retention has removed it."""

    reason = ErrorReason.ARTIFACT_GONE

    def __init__(self, digest: str) -> None:
        super().__init__(f"The artifact {digest!r} is no longer kept.", {"digest": digest})


class ArtifactCorrupt(DomedError):
    """The stored bytes of an artifact no longer have its digest."""

    reason = ErrorReason.ARTIFACT_CORRUPT

    def __init__(self, digest: str) -> None:
        super().__init__(f"The stored bytes of the artifact {digest!r} are damaged.", {"digest": digest})
