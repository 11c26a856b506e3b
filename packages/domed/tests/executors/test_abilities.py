"""What the kernel can do is found by doing it."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from domed.executors import abilities
from domed.executors.confinement import Abilities
from packages.domed.tests.executors.confining import found


@pytest.mark.skipif(sys.platform == "linux", reason="Linux holds effects")
def test_other_systems_hold_nothing() -> None:
    assert abilities.find() == Abilities()


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")
def test_what_is_found_fits_together() -> None:
    known = found()
    assert known.bubblewrap == ""
    assert known.apart or not known.landlock_abi


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")
def test_a_bubblewrap_that_does_not_work_is_not_used(tmp_path: Path) -> None:
    false = shutil.which("false")
    assert false is not None
    (tmp_path / "bwrap").symlink_to(false)
    assert abilities.find(str(tmp_path)) == found()


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() == 0, reason="root has no use for bubblewrap")
def test_a_bubblewrap_that_works_is_preferred() -> None:
    program = shutil.which("bwrap", path=os.environ["PATH"])
    if program is None:
        pytest.skip("bubblewrap is not installed (apt install bubblewrap)")
    known = abilities.find(os.path.dirname(program))
    assert known.bubblewrap == program
    assert not known.namespaces
