"""A mission as lines of JSON, to be carried elsewhere: its documents, then its events. One mission has one form.

A line is `{"document": {...}, "family": ...}` or `{"event": {...}}`, canonical. Reading judges each by its schema.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from dome_contracts.canonical import canonical_bytes, digest_bytes
from dome_contracts.exit_codes import Exit
from dome_contracts.schema.governance.mission_type import TransitionTable
from dome_contracts.schema.missions.acceptance import Acceptance
from dome_contracts.schema.missions.mission import Mission
from dome_contracts.schema.missions.review_result import ReviewResult
from dome_contracts.schema.missions.status_event import (
    MissionAccepted,
    MissionCreated,
    PackageSeeded,
    ReviewRecorded,
    StatusEvent,
)
from dome_contracts.schema.missions.work_package import WorkPackage
from dome_spec.kernel import DocumentInvalid, MissionName, NotJson, Refusal, read_document, read_json
from dome_spec.kernel.documents import value_of
from dome_spec.missions.status import Batch, MissionStore, Table, folded, in_causal_order, keep, merge

LINE_BYTES_MAX: Final = 4 * 1024 * 1024
_MODELS: Final[Mapping[str, type[Mission | WorkPackage | Acceptance | ReviewResult]]] = {
    "missions/mission": Mission,
    "missions/work_package": WorkPackage,
    "missions/acceptance": Acceptance,
    "missions/review_result": ReviewResult,
}
_MISSION: Final = "missions/mission"
_TABLE: Final = "governance/mission_type"


class LogUnreadable(Refusal):
    """A line is none of a mission's log."""

    code = "LOG_UNREADABLE"
    exit_code = Exit.INVALID


@dataclass(frozen=True, slots=True, kw_only=True)
class MissionLog:
    """A mission that was carried here."""

    name: MissionName
    mission_digest: str
    documents: tuple[tuple[str, bytes], ...]
    events: tuple[StatusEvent, ...]

    @property
    def documents_by_digest(self) -> Mapping[str, bytes]:
        """The bytes of each document."""
        return {digest_bytes(data): data for _, data in self.documents}


def export(store: MissionStore, mission_id: str) -> Iterator[bytes]:
    """The lines of a mission, each with its end of line. Raises LogUnreadable where a document is missing."""
    events = store.events(mission_id)
    for digest, family in sorted(_all_named(store, events)):
        data = store.document(digest)
        if data is None:
            raise LogUnreadable(f"The document {digest} is missing", why="an event names it", hint="Import it again")
        yield canonical_bytes({"family": family, "document": json.loads(data)}) + b"\n"
    for event in in_causal_order(events):
        yield canonical_bytes({"event": event.to_value()}) + b"\n"


def read_log(lines: Iterable[bytes]) -> MissionLog:
    """The mission that the lines say. Raises LogUnreadable."""
    documents: dict[str, tuple[str, bytes]] = {}
    events: list[StatusEvent] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = read_json(line, bytes_max=LINE_BYTES_MAX)
            if isinstance(value, dict) and value.keys() == {"event"}:
                events.append(read_document(StatusEvent, value["event"]))
            elif isinstance(value, dict) and value.keys() == {"family", "document"}:
                data = _document(value)
                documents[digest_bytes(data)] = (value["family"], data)
            else:
                raise LogUnreadable(
                    f"Line {number} is neither a document nor an event", hint="Export the mission again"
                )
        except (NotJson, DocumentInvalid) as error:
            raise LogUnreadable(f"Line {number} cannot be read", why=str(error), hint="Export it again") from error
    created = next((each for each in events if isinstance(each.fact, MissionCreated)), None)
    if created is None or not isinstance(created.fact, MissionCreated):
        raise LogUnreadable("No event says that a mission began", hint="Export the mission again")
    if created.fact.mission_digest not in documents:
        raise LogUnreadable("The mission's own document is missing", hint="Export the mission again")
    mission = Mission.from_json(documents[created.fact.mission_digest][1])
    strangers = {each.subject.mission_id for each in events} - {mission.mission_id}
    if strangers:
        raise LogUnreadable(f"Events of {', '.join(sorted(strangers))} are among them", hint="Import each by itself")
    name = MissionName(mission.mission_id, mission.slug, mission.number)
    kept = tuple(documents[each] for each in sorted(documents))
    return MissionLog(name=name, mission_digest=created.fact.mission_digest, documents=kept, events=tuple(events))


def take_in(store: MissionStore, log: MissionLog) -> int:
    """Keep a mission that was carried here; how many of its events were not there.

    Nothing is kept of one that, with what is there, could not be read: what was once kept is never removed.
    Raises StreamInvalid, MergeRefused; LogUnreadable where a document is missing that an event names.
    """
    known = dict(log.documents_by_digest)
    events = merge(store.events(log.name.mission_id), log.events)
    for event in events:
        for digest, _ in _named(event):
            if digest not in known and store.document(digest) is None:
                raise LogUnreadable(
                    f"The document {digest} is missing", why="an event names it", hint="Export it again"
                )
    mission = Mission.from_json(known[log.mission_digest])
    table = known.get(mission.transition_table.digest) or store.document(mission.transition_table.digest)
    if table is None:
        raise LogUnreadable("The mission's table of transitions is missing", hint="Export the mission again")
    rules = Table(TransitionTable.from_json(table))
    said = folded(events, rules)
    store.append(Batch(documents=log.documents))
    count = store.merge(log.events, name=log.name)
    keep(store, mission, said, rules)
    return count


def _document(value: dict[str, Any]) -> bytes:
    family = value["family"]
    if family == _TABLE:
        return canonical_bytes(value_of(TransitionTable, value["document"]).to_value())
    if not isinstance(family, str) or family not in _MODELS:
        raise LogUnreadable(f"{family!r} is no family of a mission", hint=f"There are: {', '.join(sorted(_MODELS))}")
    return canonical_bytes(read_document(_MODELS[family], value["document"]).to_value())


def _all_named(store: MissionStore, events: Iterable[StatusEvent]) -> set[tuple[str, str]]:
    """The documents that events name, by digest and family, and the table that a mission names."""
    found = {each for event in events for each in _named(event)}
    for digest in [digest for digest, family in found if family == _MISSION]:
        data = store.document(digest)
        if data is not None:
            found.add((Mission.from_json(data).transition_table.digest, _TABLE))
    return found


def _named(event: StatusEvent) -> Iterator[tuple[str, str]]:
    match event.fact:
        case MissionCreated(mission_digest=digest):
            yield digest, _MISSION
        case PackageSeeded(work_package_digest=digest):
            yield digest, "missions/work_package"
        case MissionAccepted(acceptance_digest=digest):
            yield digest, "missions/acceptance"
        case ReviewRecorded(review=review):
            yield digest_bytes(canonical_bytes(review.to_value())), "missions/review_result"
        case _:
            pass
