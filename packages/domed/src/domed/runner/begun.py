"""A job that begins as soon as it is accepted, between the decision and the record of it."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import Started
from domed.runner.execution import Prepared


@dataclass(frozen=True, slots=True)
class Begun:
    """Fulfils `domed.ledger.Beginning`."""

    prepared: Prepared
    tasks: asyncio.TaskGroup
    perform: Callable[[Prepared], Coroutine[Any, Any, None]]
    stand_up: Callable[[JobId], None]

    @property
    def started(self) -> Started:
        return self.prepared.started

    def go(self) -> None:
        self.tasks.create_task(self.perform(self.prepared), name=self.prepared.invocation.job_id)

    def give_up(self) -> None:
        self.stand_up(self.prepared.invocation.job_id)
        self.prepared.lent.give_back()
