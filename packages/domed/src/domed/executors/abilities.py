"""Finds out what the kernel lets this user do, by doing it to a program that does nothing."""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

from dome_contracts.ids import JobId
from domed.executors import bubblewrap
from domed.executors.confinement import Abilities, confined
from domed.executors.launchers import LauncherRefused, Launchers
from domed.executors.port import Effects, Invocation, RunLimits
from domed.executors.start import start
from domed.executors.start_fault import SpawnError

TIMEOUT_S: Final = 10.0
SEARCH_PATH: Final = "/usr/local/bin:/usr/bin:/bin"
"""Where bubblewrap is looked for: what could put another program there may do anything anyway."""
_READS: Final = Effects(filesystem="read", network="none", starts_processes=True)
_NO_LIMITS: Final = RunLimits(run_timeout_s=TIMEOUT_S, grace_s=0, output_bytes_max=0)
_TRUE: Final = ("/bin/sh", "-c", ":")


async def find(launchers: Launchers, search_path: str = SEARCH_PATH) -> Abilities:
    """What can be done here, and what for. Raises SpawnError where it cannot be tried."""
    if sys.platform != "linux":
        return Abilities()
    greeting = await launchers.greeting()
    # Landlock keeps a process from looking into others; Yama does for processes that are none of its descendants.
    known = Abilities(landlock_abi=greeting.landlock_abi, apart=bool(greeting.landlock_abi or greeting.yama_scope))
    if await _works(by_itself := replace(known, namespaces=True), launchers):
        return by_itself
    found = shutil.which(bubblewrap.PROGRAM, path=search_path)
    # Bubblewrap leaves root without its reach over the files of others.
    if found is not None and os.geteuid() != 0 and await _works(wrapped := replace(known, bubblewrap=found), launchers):
        return wrapped
    return known


async def _works(abilities: Abilities, launchers: Launchers) -> bool:
    try:
        with _scratch() as scratch:
            return await _works_in(Path(scratch), abilities, launchers)
    except OSError as error:
        raise SpawnError(f"What holds programs cannot be tried: {error.strerror}.") from error


def _scratch() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="domed-probe-", dir=os.path.realpath(tempfile.gettempdir()))


async def _works_in(scratch: Path, abilities: Abilities, launchers: Launchers) -> bool:
    invocation = Invocation(
        job_id=JobId(""),
        argv=_TRUE,
        payload=b"",
        environment={},
        working_directory=None,
        scratch=scratch,
        limits=_NO_LIMITS,
        effects=_READS,
    )
    plan = confined(invocation, abilities, hide=())
    assert plan is not None
    try:
        async with await start(invocation, plan, launchers=launchers) as child:
            loop = asyncio.get_running_loop()
            if not await child.exit_by(loop.time() + TIMEOUT_S):
                child.signal_group(signal.SIGKILL)
                await child.exit_by(loop.time() + TIMEOUT_S)
                raise SpawnError(f"A program that was held for a trial did not end in {TIMEOUT_S:g} s.")
            child.reap()
            told = child.launch()
    except SpawnError as error:
        # Of the machine, or of the program that holds others. Else it is a matter of the moment.
        if isinstance(error, LauncherRefused) or error.exit_code is not None:
            return False
        raise
    return told is not None and told.held
