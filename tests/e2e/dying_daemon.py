"""The daemon, killed by itself at a named moment, as kill -9 would: nothing is cleaned up, nobody is told.

The moments stand where the daemon meets the world outside: at the store's connection to SQLite and around the executor,
which are handed in as `domed.app.Parts`. So the daemon that users have holds nothing of this.

Usage: DYING_AT=commit.before:3 python -m tests.e2e.dying_daemon     at the third such moment
"""

import asyncio
import os
import signal
import sqlite3
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import EffectsEnforcement, Signaled, SurvivorFound
from domed import telemetry
from domed.app import Parts, private_sockets, serve
from domed.clock import SystemClock, SystemIds
from domed.config import Config
from domed.executors.local_process import LocalProcessExecutor
from domed.executors.port import Containment, Effects, Emit, Executor, Exit, Invocation, Observation
from domed.store.sqlite import SqliteStore

VARIABLE: Final = "DYING_AT"
MIGRATION_STEPS: Final = 100
"""So many steps of SQLite's machine into a migration, it is in the middle of it."""
POINTS: Final = (
    "migration.before",
    "migration.inside",
    "migration.after",
    "transaction.inside",  # between two statements of one
    "commit.before",
    "commit.after",  # durable, and nobody was told
    "recovery.before",  # what an earlier daemon left running is about to be ended
    "recovery.after",  # it was ended, and that is not recorded
    "spawn.before",  # the start is recorded, and there is no process
    "spawn.after",  # there is one, and nothing of it was recorded
    "output.before",  # it wrote something, and that is not recorded
    "output.after",
    "signal.before",  # it was sent a signal, which is not recorded, and it is not reaped
    "signal.after",  # recorded, and not reaped
    "reap.after",  # reaped, and its end is not recorded
)


class Fate:
    """Counts the moments, and makes an end at the one that was chosen."""

    def __init__(self, chosen: str) -> None:
        self._point, _, number = chosen.partition(":")
        assert self._point in {"", *POINTS}, self._point
        self._number = int(number or 1)
        self._counts: Counter[str] = Counter()

    def at(self, point: str) -> None:
        self._counts[point] += 1
        if (point, self._counts[point]) == (self._point, self._number):
            os.kill(os.getpid(), signal.SIGKILL)

    def is_for(self, point: str) -> bool:
        return point == self._point


FATE = Fate(os.environ.get(VARIABLE, ""))


class DyingConnection(sqlite3.Connection):
    """Stands between the store and SQLite."""

    def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
        if sql == "COMMIT":
            FATE.at("commit.before")
            done = super().execute(sql, parameters)
            FATE.at("commit.after")
            return done
        if self.in_transaction:
            FATE.at("transaction.inside")
        return super().execute(sql, parameters)

    def executescript(self, sql_script: str) -> sqlite3.Cursor:
        FATE.at("migration.before")
        if FATE.is_for("migration.inside"):
            self.set_progress_handler(lambda: FATE.at("migration.inside"), MIGRATION_STEPS)
        done = super().executescript(sql_script)
        self.set_progress_handler(None, 0)
        FATE.at("migration.after")
        return done


class DyingExecutor:
    """Stands around an executor."""

    def __init__(self, inner: Executor) -> None:
        self._inner = inner
        self.backend = inner.backend
        self.version = inner.version

    async def enforcement(self, effects: Effects) -> EffectsEnforcement:
        return await self._inner.enforcement(effects)

    async def containment(self) -> Containment:
        return await self._inner.containment()

    async def run(self, invocation: Invocation, *, emit: Emit, stop: asyncio.Event) -> Exit:
        async def emitting(observations: Sequence[Observation]) -> None:
            point = "signal" if any(isinstance(each, Signaled) for each in observations) else "output"
            FATE.at(f"{point}.before")
            await emit(observations)
            FATE.at(f"{point}.after")

        FATE.at("spawn.before")
        running = asyncio.ensure_future(self._inner.run(invocation, emit=emitting, stop=stop))
        try:
            # The program is started in the first turn of the task.
            await asyncio.sleep(0)
            FATE.at("spawn.after")
            done = await running
        finally:
            running.cancel()
        FATE.at("reap.after")
        return done

    async def end_survivors(
        self, job_ids: Collection[JobId], *, grace_s: float
    ) -> Mapping[JobId, Sequence[Signaled | SurvivorFound]]:
        FATE.at("recovery.before")
        done = await self._inner.end_survivors(job_ids, grace_s=grace_s)
        FATE.at("recovery.after")
        return done


def main() -> None:
    config = Config.from_env(os.environ)
    telemetry.configure(config.log_level)
    os.umask(0o077)
    os.chdir("/")
    clock = SystemClock()
    parts = Parts(
        store=lambda config, ids: SqliteStore.open(config.store_path, ids, connection=DyingConnection),
        executor=lambda config: DyingExecutor(LocalProcessExecutor(hide=private_sockets(config))),
    )
    asyncio.run(serve(config, clock=clock, ids=SystemIds(clock), parts=parts))


if __name__ == "__main__":
    main()
