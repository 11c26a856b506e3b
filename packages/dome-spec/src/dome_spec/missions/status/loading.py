"""How a mission's log becomes what it says: from a checkpoint and what came after it, else stream by stream."""

from dataclasses import dataclass
from typing import Final

from dome_contracts.schema.governance.mission_type import TransitionTable
from dome_contracts.schema.missions.mission import Mission
from dome_contracts.schema.missions.status_event import MissionCreated
from dome_spec.missions.status.checkpoint import EVENTS_MIN, decoded, encoded, key_of
from dome_spec.missions.status.continued import continued
from dome_spec.missions.status.port import Batch, Checkpoint, MissionStore
from dome_spec.missions.status.reduce import NOTHING, Folded, Said, snapshot_with, stream_said
from dome_spec.missions.status.refusals import StatusRefusal
from dome_spec.missions.status.table import Table

TAIL_MAX: Final = 16 * EVENTS_MIN
"""How many events are followed on from a checkpoint. Of more, streams are read one by one: that takes less memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What was read of a mission."""

    mission: Mission
    table: Table
    folded: Folded
    position: int
    """Up to where the log was read."""
    fresh_count: int
    """How many of its events no checkpoint covers."""

    def checkpoint(self) -> Checkpoint | None:
        """What is kept with the next write; None where a checkpoint would not be worth it."""
        if self.fresh_count < EVENTS_MIN:
            return None
        key = key_of(self.mission.transition_table.digest)
        return Checkpoint(
            mission_id=self.mission.mission_id, key=key, position=self.position, body=encoded(self.folded)
        )


def load(store: MissionStore, mission_id: str) -> Loaded:
    """What is there of a mission. Raises StreamInvalid; StatusRefusal where its beginning or a document is missing."""
    mission, table = _beginning(store, mission_id)
    kept = store.checkpoint(mission_id, key_of(mission.transition_table.digest))
    known = None if kept is None else decoded(kept.body)
    position = store.position(mission_id)
    after = 0 if kept is None or known is None else kept.position
    fresh = store.count(mission_id, after=after, until=position)
    if known is None or fresh > TAIL_MAX:
        folded = _whole(store, mission_id, position, table)
    else:
        tail = store.tail(mission_id, after=after, until=position)
        folded = continued(known, tail, table, lambda name: store.stream((mission_id, name), until=position))
    return Loaded(mission=mission, table=table, folded=folded, position=position, fresh_count=fresh)


def keep(store: MissionStore, mission: Mission, folded: Folded, table: Table) -> None:
    """Keep what a log says that was just taken in, unless somebody has added to it meanwhile."""
    position = store.position(mission.mission_id)
    count = sum(folded.counts.values())
    if store.count(mission.mission_id, after=0, until=position) == count:
        found = Loaded(mission=mission, table=table, folded=folded, position=position, fresh_count=count)
        made = found.checkpoint()
        if made is not None:
            store.append(Batch(checkpoint=made))


def document(store: MissionStore, wanted: str) -> bytes:
    """A document that an event names. Raises StatusRefusal where it is missing."""
    data = store.document(wanted)
    if data is None:
        raise StatusRefusal(f"The document {wanted} is missing", why="an event names it", hint="Import it again")
    return data


def _beginning(store: MissionStore, mission_id: str) -> tuple[Mission, Table]:
    created = next(
        (each.fact for each in store.stream((mission_id, None)) if isinstance(each.fact, MissionCreated)), None
    )
    if created is None:
        raise StatusRefusal(f"{mission_id} has no beginning", hint="Import its log again")
    mission = Mission.from_json(document(store, created.mission_digest))
    return mission, Table(TransitionTable.from_json(document(store, mission.transition_table.digest)))


def _whole(store: MissionStore, mission_id: str, position: int, table: Table) -> Folded:
    """The fold of all of it, with the events of one stream in memory at a time."""
    said: dict[str | None, Said] = {}
    counts: dict[str | None, int] = {}
    for name in store.streams(mission_id):
        events = store.stream((mission_id, name), until=position)
        if events:
            counts[name] = len(events)
            said[name] = stream_said(events, table)
    return Folded(snapshot_with(NOTHING.snapshot, said, set()), counts)
