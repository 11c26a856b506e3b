"""The log of a run: what dispatch did and found, as event envelopes, one a line. Append-only, synchronised.

A line that a crash cut short was never told to anybody, and is cut off by the next writer.
"""

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from dome_contracts.canonical import canonical_bytes
from dome_contracts.schema.control.control_event import ControlTopic
from dome_contracts.schema.control.event_envelope import Correlation, EventEnvelope
from dome_contracts.schema.shared.definitions import Effector
from dome_spec.dispatch.errors import RecordDamaged, keeping
from dome_spec.kernel import Clock, DocumentInvalid, Ids, read_document, timestamp

_NAME: Final = "events.jsonl"


class Topic(StrEnum):
    """What dispatch writes down of a run, beside its documents."""

    OPENED = "dispatch.run_opened"
    RESUMED = "dispatch.run_resumed"
    STOPPED = "dispatch.run_stopped"
    STORE_FOUND = "dispatch.store_found"
    REQUIREMENTS_CHECKED = "dispatch.requirements_checked"
    REFUSED = "dispatch.attempt_refused"
    LOST = "dispatch.attempt_lost"


class RunLog:
    """The log of one run."""

    def __init__(self, directory: Path, run_id: str) -> None:
        self._path = directory / _NAME
        self._run_id = run_id
        self._events: list[EventEnvelope] | None = None

    @property
    def events(self) -> tuple[EventEnvelope, ...]:
        """Everything so far, in its order. Raises RecordDamaged."""
        return tuple(self._read())

    def last(self, topic: Topic) -> EventEnvelope | None:
        """The last event of the topic."""
        return next((event for event in reversed(self._read()) if event.topic == topic), None)

    def of_attempt(self, topic: Topic, group_id: str) -> EventEnvelope | None:
        """The event of the topic about one attempt."""
        for event in self._read():
            if event.topic == topic and event.correlation is not None and event.correlation.group_id == group_id:
                return event
        return None

    def last_of_attempt(self, topic: Topic, group_id: str) -> EventEnvelope | None:
        """The last event of the topic about one attempt."""
        for event in reversed(self._read()):
            if event.topic == topic and event.correlation is not None and event.correlation.group_id == group_id:
                return event
        return None

    def append(
        self,
        topic: Topic | ControlTopic,
        payload: Mapping[str, Any],
        *,
        clock: Clock,
        ids: Ids,
        effector: Effector,
        correlation: Correlation | None = None,
    ) -> EventEnvelope:
        """Write one event down; it is durable by the answer."""
        return self.enter(
            topic,
            payload,
            event_id=ids.new("evt"),
            occur_time=timestamp(clock.now()),
            effector=effector,
            correlation=correlation,
        )

    def enter(
        self,
        topic: Topic | ControlTopic,
        payload: Mapping[str, Any],
        *,
        event_id: str,
        occur_time: str,
        effector: Effector,
        correlation: Correlation | None = None,
    ) -> EventEnvelope:
        """Write down an event that has its name and its moment already; it is durable by the answer."""
        events = self._read()
        about: dict[str, Any] = {"correlation": correlation} if correlation is not None else {}
        event = EventEnvelope(
            schema_version="1",
            event_id=event_id,
            sequence=len(events) + 1,
            topic=topic.value,
            run_id=self._run_id,
            occur_time=occur_time,
            effector=effector,
            payload=dict(payload),
            **about,
        )
        with keeping(self._run_id, self._path):
            _append(self._path, canonical_bytes(event.to_value()) + b"\n")
        events.append(event)
        return event

    def read_again(self) -> None:
        """Forget what was read: another process may have written since."""
        self._events = None

    def _read(self) -> list[EventEnvelope]:
        if self._events is None:
            self._events = [self._event(line) for line in _whole_lines(self._path)]
        return self._events

    def _event(self, line: bytes) -> EventEnvelope:
        try:
            return read_document(EventEnvelope, line)
        except DocumentInvalid as error:
            raise RecordDamaged(
                f"{self._path} holds a line that is no event",
                why=str(error),
                hint=f"Put it back from a copy, or remove {self._path.parent} if the run is not needed",
            ) from error


def _whole_lines(path: Path) -> list[bytes]:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise RecordDamaged(f"{path} cannot be read", why=error.strerror or str(error)) from error
    return data[: data.rfind(b"\n") + 1].splitlines()


def _append(path: Path, line: bytes) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        whole = file.read().rfind(b"\n") + 1
        file.seek(whole)
        file.truncate()
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
