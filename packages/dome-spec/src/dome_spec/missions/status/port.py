"""The port to the store of missions: what a store must do, and what it raises. Knows no SQL and no rule of missions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from dome_contracts.schema.missions.status_event import StatusEvent
from dome_spec.kernel import MissionName

Stream = tuple[str, str | None]
"""A mission, and one of its packages or None for the mission itself."""


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


class MissionStore(Protocol):
    """Keeps the events of missions and the documents that they name."""

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
