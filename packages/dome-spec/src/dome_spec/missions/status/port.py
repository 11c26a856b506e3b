"""The port to the store of missions: what a store must do, and what it raises. Knows no SQL and no rule of missions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from dome_contracts.schema.missions.status_event import StatusEvent
from dome_spec.kernel import MissionName

Stream = tuple[str, str | None]
"""A mission, and one of its packages or None for the mission itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What a mission's log said up to a place in it. A cache: without it the log says the same."""

    mission_id: str
    key: str
    """What it is good for. Whoever has another key does not read it."""
    position: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What is written as one: events, and documents by their family."""

    events: tuple[StatusEvent, ...] = ()
    expected: Mapping[Stream, int] = field(default_factory=dict)
    """How many events each stream had when it was read, those included that hold no more. 0: it had none."""
    documents: tuple[tuple[str, bytes], ...] = ()
    """Family and canonical bytes. One that is there already stays as it is."""
    name: MissionName | None = None
    """What a mission is called, for a mission that begins."""
    checkpoint: Checkpoint | None = None
    """Takes the place of the one that is there, unless that is good for the same and reaches further."""


class MissionStore(Protocol):
    """Keeps the events of missions and the documents that they name.

    Events are never changed or removed, so a position says what was there: whatever is read up to it belongs together.
    """

    def append(self, batch: Batch) -> None:
        """Keep the batch, all of it or nothing; durable when it returns.

        Raises StreamMoved where a stream has another number of events than expected, and MergeRefused where an
        event's id is taken by another event.
        """
        ...

    def merge(self, events: Sequence[StatusEvent], *, name: MissionName) -> int:
        """Keep events that come from elsewhere, whatever they follow; how many were not there. Raises MergeRefused."""
        ...

    def events(self, mission_id: str) -> tuple[StatusEvent, ...]:
        """All events of a mission, by package, version and id. Empty where there is none."""
        ...

    def position(self, mission_id: str) -> int:
        """The place of the event of a mission that was kept last; 0 where there is none."""
        ...

    def streams(self, mission_id: str) -> tuple[str | None, ...]:
        """The streams of a mission that have events: packages, and None for its own."""
        ...

    def stream(self, stream: Stream, *, until: int | None = None) -> tuple[StatusEvent, ...]:
        """The events of one stream up to a place, by version and id."""
        ...

    def tail(self, mission_id: str, *, after: int, until: int) -> tuple[StatusEvent, ...]:
        """The events of a mission behind a place and up to another one, in the order in which they were kept."""
        ...

    def count(self, mission_id: str, *, after: int, until: int) -> int:
        """How many events `tail` would give."""
        ...

    def checkpoint(self, mission_id: str, key: str) -> Checkpoint | None:
        """What was kept for this key; None where that is nothing, or damaged, or of another log."""
        ...

    def document(self, digest: str) -> bytes | None:
        """The bytes of a document, None where it is not there."""
        ...

    def missions(self) -> tuple[MissionName, ...]:
        """All missions, by id."""
        ...

    def close(self) -> None:
        """Give up what the store holds open."""
        ...


class RunStore(Protocol):
    """Keeps the run of each mission: one document, replaced as a whole."""

    def run(self, mission_id: str) -> tuple[bytes, int] | None:
        """The document and its revision, from 1; None where the mission has no run."""
        ...

    def put_run(self, mission_id: str, body: bytes, *, expected: int) -> None:
        """Replace the document that was read at a revision, 0 for none. Raises StreamMoved where it is another one."""
        ...
