"""What the kernel can do is found by doing it."""

import asyncio
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from dome_contracts.runtime.v1 import Enforcement
from domed.executors import abilities
from domed.executors.confinement import Abilities
from domed.executors.launch_server import Greeting
from domed.executors.launchers import Launchers
from domed.executors.local_process import LocalProcessExecutor
from domed.executors.port import Invocation, SpawnFailed
from domed.executors.start_fault import SpawnError
from packages.domed.tests.executors.confined_run import find, found
from packages.domed.tests.executors.confining import READS
from packages.domed.tests.executors.conformance import Record, fresh_job_id, limits

EVERYTHING = Abilities(landlock_abi=7, namespaces=True, apart=True)


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
async def test_where_launchers_cannot_be_had_nothing_is_known() -> None:
    class Broken(Launchers):
        async def greeting(self) -> Greeting:
            raise SpawnError("there is no launcher")

    with pytest.raises(SpawnError, match="there is no launcher"):
        await abilities.find(Broken(variable="DOME_JOB_ID=-"))


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")
async def test_a_trial_without_a_directory_says_nothing_of_the_kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(SpawnError, match="cannot be tried: No such file"):
        await find("/nonexistent")


async def test_what_cannot_be_tried_is_not_claimed_nor_started_unheld_and_tried_again(tmp_path: Path) -> None:
    answers: list[Abilities | SpawnError] = [SpawnError("not now"), SpawnError("not now"), EVERYTHING]

    def tried() -> Abilities:
        match answers.pop(0):
            case Abilities() as known:
                return known
            case SpawnError() as error:
                raise error

    executor = LocalProcessExecutor(find_abilities=tried)
    held = await executor.enforcement(READS)
    assert (held.filesystem, held.network) == (Enforcement.DECLARED, Enforcement.DECLARED)
    asked = Invocation(
        job_id=fresh_job_id(), argv=["true"], payload=b"", environment={}, working_directory=None, scratch=tmp_path,
        limits=limits(), effects=READS,
    )  # fmt: skip
    assert (await executor.run(asked, emit=Record(), stop=asyncio.Event())).end == SpawnFailed("not now")
    held = await executor.enforcement(READS)
    assert (held.filesystem, held.network) == (Enforcement.ENFORCED, Enforcement.ENFORCED)
    assert await executor.abilities() == EVERYTHING
