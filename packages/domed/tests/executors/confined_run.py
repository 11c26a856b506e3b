"""Runs programs confined and says how it went: a program itself, so that a test can be another user.

Reads lines of JSON, {mechanism, argv, effects, scratch, hide, directory}, on standard input; answers each by a line,
{end, stdout, stderr, filesystem, network, processes}.
"""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from dome_contracts.runtime.v1 import Output, OutputStream
from domed.executors import abilities
from domed.executors.confinement import Abilities
from domed.executors.launchers import Launchers
from domed.executors.local_process import LocalProcessExecutor
from domed.executors.port import Effects, Invocation, Observation, RunLimits


@cache
def found() -> Abilities:
    """What the kernel can do without bubblewrap. May be asked inside a loop."""
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(asyncio.run, find("/nonexistent")).result()


async def find(search_path: str) -> Abilities:
    """What the kernel can do, with bubblewrap as it is found."""
    launchers = Launchers(variable="DOME_JOB_ID=-")
    try:
        return await abilities.find(launchers, search_path)
    finally:
        launchers.close()


async def main(asked: Mapping[str, Any]) -> Mapping[str, Any]:
    known = found()
    if asked["mechanism"] == "bubblewrap":
        known = replace(known, namespaces=False, bubblewrap=shutil.which("bwrap", path=os.environ["PATH"]) or "")
    elif asked["mechanism"] == "landlock":
        known = replace(known, namespaces=False)
    executor = LocalProcessExecutor(hide=[Path(each) for each in asked["hide"]], find_abilities=lambda: known)
    effects = Effects(**(asked["effects"] | {"folder": Path(asked["effects"]["folder"])}))
    written = {OutputStream.STDOUT: b"", OutputStream.STDERR: b""}

    async def emit(observations: Sequence[Observation]) -> None:
        for each in observations:
            if isinstance(each, Output):
                written[each.stream] += each.data

    invocation = Invocation(
        job_id=asked["job_id"],
        argv=asked["argv"],
        payload=b"",
        environment={"PATH": "/usr/bin:/bin", "HOME": asked["home"]},
        working_directory=Path(asked["directory"]) if asked["directory"] else None,
        scratch=Path(asked["scratch"]),
        limits=RunLimits(run_timeout_s=20, grace_s=1, output_bytes_max=1 << 20),
        effects=effects,
    )
    held = await executor.enforcement(effects)
    exit_ = await executor.run(invocation, emit=emit, stop=asyncio.Event())
    return {
        "end": repr(exit_.end),
        "stdout": written[OutputStream.STDOUT].decode(),
        "stderr": written[OutputStream.STDERR].decode(),
        "filesystem": held.filesystem.name,
        "network": held.network.name,
        "processes": held.processes.name,
        "view": bool(known.namespaces or known.bubblewrap),
        "landlock_abi": known.landlock_abi,
    }


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(asyncio.run(main(json.loads(line)))), flush=True)
