"""Finds out what the kernel lets this user do, by doing it to a program that does nothing.

Takes tens of milliseconds.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from dome_contracts.ids import JobId
from domed.executors import bubblewrap
from domed.executors.confinement import BOOT, Abilities, confined
from domed.executors.port import Effects, Invocation, RunLimits

TIMEOUT_S: Final = 10.0
SEARCH_PATH: Final = "/usr/local/bin:/usr/bin:/bin"
"""Where bubblewrap is looked for: what could put another program there may do anything anyway."""
_READS: Final = Effects(filesystem="read", network="none", starts_processes=True)
_NO_LIMITS: Final = RunLimits(run_timeout_s=TIMEOUT_S, grace_s=0, output_bytes_max=0)
_TRUE: Final = ("/bin/sh", "-c", ":")


def find(search_path: str = SEARCH_PATH) -> Abilities:
    """What can be done here, and what for. Blocks: not on the loop."""
    if sys.platform != "linux":
        return Abilities()
    landlock_abi, yama_scope = _asked()
    # Landlock keeps a process from looking into others; Yama does for processes that are none of its descendants.
    known = Abilities(landlock_abi=landlock_abi, apart=bool(landlock_abi or yama_scope))
    found = shutil.which(bubblewrap.PROGRAM, path=search_path)
    # Bubblewrap leaves root without its reach over the files of others, and gives it nothing that root lacks.
    if found is not None and os.geteuid() != 0 and _works(wrapped := replace(known, bubblewrap=found)):
        return wrapped
    return by_itself if _works(by_itself := replace(known, namespaces=True)) else known


def _asked() -> tuple[int, int]:
    """Version of Landlock and scope of Yama; zeros where the launcher cannot say."""
    packages = str(Path(__file__).parents[2])
    answer = _run([sys.executable, "-I", "-S", "-c", BOOT, packages, "probe"])
    if answer.returncode != 0:
        return 0, 0
    landlock_abi, yama_scope = answer.stdout.split()
    return int(landlock_abi), int(yama_scope)


def _works(abilities: Abilities) -> bool:
    with tempfile.TemporaryDirectory(prefix="domed-probe-") as scratch:
        invocation = Invocation(
            job_id=JobId(""),
            argv=_TRUE,
            payload=b"",
            environment={},
            working_directory=None,
            scratch=Path(scratch),
            limits=_NO_LIMITS,
            effects=_READS,
        )
        plan = confined(invocation, abilities, hide=())
        assert plan is not None
        read, write = os.pipe()
        try:
            # Closed before the answer is read, so that a launcher that never wrote ends the reading.
            _run(plan.command(_TRUE, status=write), cwd=scratch, pass_fds=(write,))
            os.close(write)
            write = -1
            return b"held\n" in os.read(read, 4096)
        finally:
            os.close(read)
            if write >= 0:
                os.close(write)


def _run(
    command: Sequence[str], *, cwd: str = "/", pass_fds: Sequence[int] = ()
) -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(
            command, cwd=cwd, pass_fds=pass_fds, env={}, stdin=subprocess.DEVNULL, capture_output=True,
            timeout=TIMEOUT_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return subprocess.CompletedProcess(command, 1, b"", b"")
