"""Executors that hold every run to effects, by a mechanism of the test's choice.

Missing mechanisms are skipped loudly.
"""

import asyncio
import os
import shutil
import sys
from dataclasses import replace

import pytest

from domed.executors.confinement import Abilities
from domed.executors.local_process import LocalProcessExecutor
from domed.executors.port import Effects, Emit, Exit, Invocation
from packages.domed.tests.executors.confined_run import found

READS = Effects(filesystem="read", network="none", starts_processes=True)
NOTHING = Effects(filesystem="none", network="none", starts_processes=True)
MECHANISMS = ("namespaces", "bubblewrap", "landlock")


def of_mechanism(mechanism: str) -> Abilities:
    """What the kernel can do by one mechanism; skips the test where it cannot."""
    if sys.platform != "linux":
        pytest.skip("effects are held by Linux only")
    known = found()
    if not known.landlock_abi:
        pytest.skip("this kernel has no Landlock (Linux 5.13, and `landlock` among the LSMs of the boot)")
    match mechanism:
        case "namespaces":
            if not known.namespaces:
                pytest.skip("this kernel gives no user namespaces to this user (sysctl user.max_user_namespaces)")
            return known
        case "bubblewrap":
            program = shutil.which("bwrap", path=os.environ["PATH"])
            if program is None:
                pytest.skip("bubblewrap is not installed (apt install bubblewrap)")
            return replace(known, namespaces=False, bubblewrap=program)
        case _:
            return replace(known, namespaces=False)


class Confining(LocalProcessExecutor):
    """Holds runs that declare nothing to these effects."""

    def __init__(self, mechanism: str, effects: Effects = READS) -> None:
        known = of_mechanism(mechanism)
        super().__init__(find_abilities=lambda: known)
        self._effects = effects

    async def run(self, invocation: Invocation, *, emit: Emit, stop: asyncio.Event) -> Exit:
        return await super().run(replace(invocation, effects=self._effects), emit=emit, stop=stop)
