"""Events of a log that do not hold, each with why: it lost, it follows one that did, or one that is not there. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from dome_contracts.schema.missions.status_event import ConflictRule, StatusEvent
from dome_spec.missions.status import Fork, Snapshot

FOLLOWS_LOST: Final = "follows_lost"
CAUSE_MISSING: Final = "cause_missing"
_RULES: Final[Mapping[ConflictRule, str]] = {
    ConflictRule.REJECTION_WINS: "a rejection holds against what did not know of it",
    ConflictRule.CANCELLATION_WINS: "giving the work up holds against everything else",
    ConflictRule.LOWER_EVENT_ID: "among equals the lower id holds",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """An event that does not hold."""

    event_id: str
    work_package_id: str | None
    reason: str
    """A rule of conflicts, `follows_lost`, or `cause_missing`."""
    text: str


def lost(snapshot: Snapshot, stream: Iterable[StatusEvent]) -> tuple[Lost, ...]:
    """The events of one stream that do not hold, in their order."""
    if not snapshot.dropped and not snapshot.orphans:
        return ()
    return tuple(_lost(snapshot, list(stream)))


def _lost(snapshot: Snapshot, stream: list[StatusEvent]) -> Iterator[Lost]:
    forks = {child: fork for fork in _forks(snapshot, stream) for child in fork.children}
    for event in stream:
        name = event.event_id
        if name in snapshot.orphans:
            reason, text = CAUSE_MISSING, f"what it follows, {event.cause}, is not there: import the rest of the log"
        elif name not in snapshot.dropped:
            continue
        elif name in forks:
            fork = forks[name]
            reason, text = fork.rule.value, f"{fork.winner} holds: {_RULES[fork.rule]}"
        else:
            reason, text = FOLLOWS_LOST, f"it follows {event.cause}, which does not hold"
        yield Lost(event_id=name, work_package_id=event.subject.work_package_id, reason=reason, text=text)


def _forks(snapshot: Snapshot, stream: list[StatusEvent]) -> tuple[Fork, ...]:
    package = stream[0].subject.work_package_id if stream else None
    state = snapshot.mission if package is None else snapshot.packages.get(package)
    return () if state is None else state.forks
