"""The executor backend `local-process`: one program, started on this machine by its argument list.

Puts the parts together: spawn, capture, watch, end. Knows no ledger and decides nothing about the job's state.
"""

import asyncio
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import (
    EffectsEnforcement,
    Signaled,
    SurvivorFound,
)
from domed.executors import abilities, cgroup_runs, confinement, kernel_limits, survivors
from domed.executors.capture import Budget
from domed.executors.cgroup import RunGroups
from domed.executors.cgroup_runs import Groups, Hold
from domed.executors.confinement import Abilities, Confined
from domed.executors.ladder import end_all
from domed.executors.launchers import Launchers
from domed.executors.one_run import Run
from domed.executors.port import (
    Containment,
    Effects,
    Emit,
    Exit,
    Invocation,
    SpawnFailed,
)
from domed.executors.spawn import JOB_VARIABLE, Child
from domed.executors.start import start
from domed.executors.start_fault import SpawnError
from domed.executors.survivors import Process
from domed.executors.writes import places
from domed.telemetry import Log

VERSION: Final = "1"
NOTHING: Final = Abilities()
NO_JOB: Final = JobId("-" * len("job-00000000000000000000000000"))
"""In the place of a job's id, in a process that waits for a job."""

_LOG: Final = Log("executors")


class LocalProcessExecutor:
    """Runs programs as children of the daemon."""

    backend: Final = "local-process"
    version: Final = VERSION

    def __init__(
        self,
        *,
        hide: Sequence[Path] = (),
        find_abilities: Callable[[], Abilities] | None = None,
        find_groups: Callable[[], RunGroups | None] = cgroup_runs.no_groups,
    ) -> None:
        """`hide`: directories with sockets through which a tool could have others do what it did not declare."""
        self._hide = tuple(hide)
        self._budget = Budget()
        self._groups = Groups(find_groups)
        self.launchers: Final = Launchers(variable=f"{JOB_VARIABLE}={NO_JOB}")
        self._find_abilities = find_abilities
        self._finding: asyncio.Future[Abilities] | None = None

    def close(self) -> None:
        """End what was started to start programs with. Runs go on."""
        self.launchers.close()

    async def enforcement(self, effects: Effects) -> EffectsEnforcement:
        if confinement.is_unbounded(effects):
            return confinement.enforcement(effects, NOTHING)
        try:
            known = await self.abilities()
        except SpawnError as error:
            # Nothing is known, so nothing is claimed. The run tries again, and is not started unheld.
            _LOG.error("what holds effects cannot be tried", problem=str(error))
            known = NOTHING
        return confinement.enforcement(effects, known)

    async def abilities(self) -> Abilities:
        """What the kernel lets this user do. Tried at the first question, then known.

        Raises SpawnError where it cannot be tried; the next question tries again.
        """
        if self._finding is None or _came_to_nothing(self._finding):
            self._finding = asyncio.ensure_future(self._found())
        # Shielded: one run that is cancelled meanwhile must not take the answer from the others.
        return await asyncio.shield(self._finding)

    async def _found(self) -> Abilities:
        if self._find_abilities is not None:
            return self._find_abilities()
        return await abilities.find(self.launchers)

    async def containment(self) -> Containment:
        return await self._groups.containment()

    async def run(self, invocation: Invocation, *, emit: Emit, stop: asyncio.Event) -> Exit:
        try:
            confined = await self._confined(invocation)
        except SpawnError as error:
            return Exit(end=SpawnFailed(str(error), error.exit_code))
        try:
            hold = await self._groups.hold(invocation, launched=confined is not None)
        except OSError as error:
            why = f"The run cannot be held to its limits: its control group cannot be made: {error.strerror}."
            return Exit(end=SpawnFailed(why))
        try:
            async with await self._start(invocation, confined, hold) as child:
                run = Run(child, invocation, hold=hold, budget=self._budget, emit=emit, stop=stop)
                return await run.to_end()
        except SpawnError as error:
            return Exit(end=SpawnFailed(str(error), error.exit_code))
        finally:
            await hold.end()

    async def _start(self, invocation: Invocation, confined: Confined | None, hold: Hold) -> Child:
        """Start the program, in the group that it is to be born in. Raises SpawnError."""
        group = None if hold.entered is None else hold.entered.open()
        try:
            return await start(invocation, confined, launchers=self.launchers, group=group)
        finally:
            if group is not None:
                os.close(group)

    async def _confined(self, invocation: Invocation) -> Confined | None:
        """How the run is held. Raises SpawnError."""
        confined = None
        if not confinement.is_unbounded(invocation.effects):
            known = await self.abilities()
            writes = await asyncio.to_thread(places, invocation) if invocation.effects.writes else []
            confined = confinement.confined(invocation, known, hide=self._hide, writes=writes)
        return kernel_limits.limited(confined, invocation.limits)

    async def end_survivors(
        self, job_ids: Collection[JobId], *, grace_s: float
    ) -> Mapping[JobId, Sequence[Signaled | SurvivorFound]]:
        left = await self._groups.left()

        def look() -> Sequence[Process]:
            found = cgroup_runs.members(left)
            seen = {process.pid for process in found}
            return (
                [*found, *(each for each in survivors.of_jobs(job_ids) if each.pid not in seen)] if job_ids else found
            )

        facts = await end_all(look, grace_s=grace_s)
        for group in left.values():
            await asyncio.to_thread(group.kill)
            await cgroup_runs.gone(group)
        # What is left of a job that has its outcome already is ended all the same, and nothing is said of it.
        return {job_id: said for job_id, said in facts.items() if job_id in job_ids}


def _came_to_nothing(finding: "asyncio.Future[Abilities]") -> bool:
    return finding.done() and (finding.cancelled() or finding.exception() is not None)
