"""Failures of work packages as facts: what was rejected, blocked or given up, each event once. Pure.

A fact is named after its event. Whoever states the same failures again states nothing more, so what was interrupted
before it was kept is kept by the next command.
"""

from collections.abc import Collection, Iterable, Iterator

from dome_contracts.canonical import canonical_bytes, digest_bytes
from dome_contracts.schema.knowledge.fact import DocumentSource, Fact, PackageFact, PackageFailure
from dome_contracts.schema.missions.review_result import ReviewVerdict
from dome_contracts.schema.missions.status_event import PackageTransitioned, ReviewRecorded, StatusEvent
from dome_contracts.schema.shared.definitions import Lane
from dome_spec.binding import make_fact
from dome_spec.kernel import moment

FAMILY = "missions/status_event"
_FAILED = {Lane.BLOCKED: PackageFailure.BLOCKED, Lane.CANCELED: PackageFailure.CANCELED}


def failure_facts(events: Iterable[StatusEvent], *, repository_id: str, lost: Collection[str]) -> Iterator[Fact]:
    """A fact for each event that says that a package failed; `lost` are events that do not hold."""
    for event in events:
        body = None if event.event_id in lost else _body(event)
        if body is not None:
            source = DocumentSource(
                origin="document", family=FAMILY, digest=digest_bytes(canonical_bytes(event.to_value()))
            )
            yield make_fact(body, source=source, repository_id=repository_id, occur_time=moment(event.occur_time))


def _body(event: StatusEvent) -> PackageFact | None:
    match event.fact:
        case ReviewRecorded(review=review) if review.verdict is ReviewVerdict.CHANGES_REQUESTED:
            failure, more = PackageFailure.REJECTED, {"findings": review.findings, "implementers": review.implementers}
        case PackageTransitioned(move=move, reason=reason, force=force) if move.to in _FAILED:
            failure, more = _FAILED[move.to], {"reason": reason or (None if force is None else force.reason)}
        case _:
            return None
    subject = event.subject
    return PackageFact.model_validate(
        {
            "kind": "package",
            "mission_id": subject.mission_id,
            "work_package_id": subject.work_package_id,
            "event_id": event.event_id,
            "failure": failure,
            "effector": event.effector,
            **{name: each for name, each in more.items() if each},
        }
    )
