"""What the kernel can do is found by doing it."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from dome_contracts.runtime.v1 import Enforcement
from domed.executors import abilities, confinement
from domed.executors.confinement import Abilities
from domed.executors.launch_server import Greeting
from domed.executors.launchers import Launchers
from domed.executors.start_fault import SpawnError
from packages.domed.tests.executors.confined_run import find, found
from packages.domed.tests.executors.confining import READS


@pytest.mark.skipif(sys.platform == "linux", reason="Linux holds effects")
def test_other_systems_hold_nothing() -> None:
    assert found() == Abilities()


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")
def test_what_is_found_fits_together() -> None:
    known = found()
    assert known.bubblewrap == ""
    assert known.apart or not known.landlock_abi


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")
async def test_a_bubblewrap_that_does_not_work_is_not_used(tmp_path: Path) -> None:
    false = shutil.which("false")
    assert false is not None
    (tmp_path / "bwrap").symlink_to(false)
    assert await find(str(tmp_path)) == found()


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")
async def test_a_bubblewrap_is_not_asked_for_what_can_be_done_without() -> None:
    program = shutil.which("bwrap", path=os.environ["PATH"])
    if program is None:
        pytest.skip("bubblewrap is not installed (apt install bubblewrap)")
    known = await find(os.path.dirname(program))
    assert known.namespaces != bool(known.bubblewrap)
    assert known.namespaces == found().namespaces


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")
async def test_where_launchers_cannot_be_had_nothing_is_claimed_and_nothing_started_unheld() -> None:
    class Broken(Launchers):
        async def greeting(self) -> Greeting:
            raise SpawnError("there is no launcher")

    known = await abilities.find(Broken(variable="DOME_JOB_ID=-"))
    held = confinement.enforcement(READS, known)
    assert (held.filesystem, held.network) == (Enforcement.DECLARED, Enforcement.DECLARED)
    assert known.namespaces
