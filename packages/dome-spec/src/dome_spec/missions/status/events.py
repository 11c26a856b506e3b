"""Makes events: the one envelope, filled in. Which fact there is to state is decided elsewhere."""

from dataclasses import dataclass

from dome_contracts.schema.base import Contract
from dome_contracts.schema.missions.status_event import StatusEvent, StatusSubject
from dome_contracts.schema.shared.definitions import Effector
from dome_spec.kernel import Clock, Ids, timestamp


@dataclass(frozen=True, slots=True)
class Tip:
    """The end of a stream: the last event and its place. An empty stream stands at 0."""

    version: int = 0
    event_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventMaker:
    """Makes the next event of a stream."""

    clock: Clock
    ids: Ids
    run_id: str | None = None
    job_id: str | None = None

    def event(self, subject: StatusSubject, tip: Tip, fact: Contract, effector: Effector) -> StatusEvent:
        """The event that states the fact after the tip."""
        given: dict[str, object] = {
            **({} if tip.event_id is None else {"cause": tip.event_id}),
            **({} if self.run_id is None else {"run_id": self.run_id}),
            **({} if self.job_id is None else {"job_id": self.job_id}),
        }
        return StatusEvent.model_validate(
            {
                "schema_version": "1",
                "event_id": self.ids.new("evt"),
                "subject": subject,
                "stream_version": tip.version + 1,
                "occur_time": timestamp(self.clock.now()),
                "effector": effector,
                "fact": fact,
                **given,
            }
        )
