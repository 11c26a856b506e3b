"""Where a run may write beside its scratch directory, and that it writes nowhere else."""

import asyncio
import os
import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from domed.executors.confinement import confined
from domed.executors.local_process import LocalProcessExecutor
from domed.executors.port import UNBOUNDED, Effects, Exited, Invocation, SpawnFailed
from domed.executors.start import start
from domed.executors.start_fault import SpawnError
from domed.executors.writes import places
from packages.domed.tests.executors.conformance import WAIT_S, Record, fresh_job_id, limits

DECEIVED = """#!{python}
import os, sys
words = sys.argv[1:]
words[words.index("{place}")] = "{other}"
os.execv("{program}", ["bwrap", *words])
"""


@pytest.fixture
def work(tmp_path: Path) -> Path:
    for name in ("work", "scratch", "outside"):
        (tmp_path / name).mkdir()
    return tmp_path / "work"


def invocation(work: Path, *writes: str, script: str = "") -> Invocation:
    return Invocation(
        job_id=fresh_job_id(),
        argv=["/bin/sh", "-c", script],
        payload=b"",
        environment={"PATH": "/usr/bin:/bin"},
        working_directory=work,
        scratch=work.parent / "scratch",
        limits=limits(),
        effects=Effects(filesystem="write", network="any", starts_processes=True, writes=writes),
    )


def test_paths_that_are_there_are_found_and_others_passed_over(work: Path) -> None:
    (work / "out").mkdir()
    (work / "log").touch()
    assert places(invocation(work, "out", "log", "missing", "out")) == [str(work / "out"), str(work / "log")]
    assert places(invocation(work, ".")) == [str(work)]
    assert places(invocation(work)) == []


def test_a_directory_that_is_asked_for_is_made(work: Path) -> None:
    assert places(invocation(work, "var/reports/")) == [str(work / "var/reports")]
    assert (work / "var/reports").is_dir()


def test_a_file_in_the_place_of_a_directory_is_told(work: Path) -> None:
    (work / "out").touch()
    with pytest.raises(SpawnError, match="'out/' of the tool cannot be made: File exists"):
        places(invocation(work, "out/"))


@pytest.mark.parametrize("declared", ["link", "link/deeper/", "link/file"])
def test_a_link_does_not_lead_out_of_the_working_directory(work: Path, declared: str) -> None:
    (work / "link").symlink_to(work.parent / "outside")
    with pytest.raises(SpawnError, match="leads out of"):
        places(invocation(work, declared))
    assert list((work.parent / "outside").iterdir()) == []


def test_nothing_is_made_in_a_working_directory_that_has_gone(work: Path) -> None:
    work.rmdir()
    assert places(invocation(work, "out/")) == []
    assert not work.exists()


def test_a_link_inside_is_followed(work: Path) -> None:
    (work / "real").mkdir()
    (work / "link").symlink_to("real")
    assert places(invocation(work, "link", "real")) == [str(work / "real")]


def test_in_the_scratch_directory_nothing_has_to_be_allowed(work: Path) -> None:
    assert places(replace(invocation(work, "out/"), working_directory=None)) == []
    assert not (work / "out").exists()


def test_who_says_where_it_writes_is_held_to_it() -> None:
    assert not UNBOUNDED.limits_writes
    assert replace(UNBOUNDED, writes=()).limits_writes


async def run(executor: LocalProcessExecutor, asked: Invocation) -> tuple[object, bytes]:
    record = Record()
    exit_ = await executor.run(asked, emit=record, stop=asyncio.Event())
    return exit_.end, record.written()


@pytest.fixture(params=["namespaces", "landlock", "bubblewrap", "bubblewrap alone"])
async def holding(request: pytest.FixtureRequest) -> LocalProcessExecutor:
    if sys.platform != "linux":
        pytest.skip("effects are held by Linux only")
    known = await LocalProcessExecutor().abilities()
    if request.param.startswith("bubblewrap"):
        program = shutil.which("bwrap", path=os.environ["PATH"])
        if program is None:
            pytest.skip("bubblewrap is not installed (apt install bubblewrap)")
        landlock_abi = 0 if request.param.endswith("alone") else known.landlock_abi
        by_it = replace(known, namespaces=False, bubblewrap=program, landlock_abi=landlock_abi)
        return LocalProcessExecutor(find_abilities=lambda: by_it)
    if request.param == "namespaces" and not known.namespaces:
        pytest.skip("this kernel gives no user namespaces to this user (sysctl user.max_user_namespaces)")
    if request.param == "landlock" and not known.landlock_abi:
        pytest.skip("this kernel has no Landlock (Linux 5.13, and `landlock` among the LSMs of the boot)")
    one = replace(known, namespaces=request.param == "namespaces", landlock_abi=known.landlock_abi)
    return LocalProcessExecutor(find_abilities=lambda: one)


def tried(paths: Sequence[Path | str]) -> str:
    return "\n".join(f"(echo x >{path}) 2>/dev/null && echo {path} || :" for path in paths)


async def test_a_tool_writes_where_it_said_and_nowhere_else(work: Path, holding: LocalProcessExecutor) -> None:
    (work / "log").touch()
    inside: list[Path | str] = ["out/file", "log", work.parent / "scratch" / "file"]
    stray = Path(f"/tmp/dome-stray-{os.getpid()}")
    outside: list[Path | str] = ["elsewhere", work.parent / "outside" / "file", stray]
    end, out = await run(holding, invocation(work, "out/", "log", script=tried([*inside, *outside])))
    assert end == Exited(0, None)
    assert out.decode().split() == [str(each) for each in inside]
    assert (work / "out" / "file").read_text() == (work / "log").read_text() == "x\n"
    assert not (work / "elsewhere").exists()
    assert stray not in stray.parent.iterdir()


async def test_a_tool_that_writes_nowhere_reads_all_the_same(work: Path, holding: LocalProcessExecutor) -> None:
    (work / "text").write_text("read me\n")
    end, out = await run(holding, invocation(work, script="cat text; echo x 2>/dev/null >text"))
    assert (isinstance(end, Exited) and end.exit_code != 0, out) == (True, b"read me\n")
    assert (work / "text").read_text() == "read me\n"


async def test_a_declaration_that_leads_out_is_no_start(work: Path, holding: LocalProcessExecutor) -> None:
    (work / "out").symlink_to(work.parent / "outside")
    end, _ = await run(holding, invocation(work, "out", script="echo started"))
    assert isinstance(end, SpawnFailed)
    assert "leads out of" in end.message


@pytest.mark.parametrize("part", ["out", "out/deeper"])
async def test_a_link_that_was_put_there_after_the_look_is_no_start(
    work: Path, holding: LocalProcessExecutor, part: str
) -> None:
    asked = invocation(work, "out/deeper/", script="echo x >out/deeper/file")
    plan = confined(asked, await holding.abilities(), hide=(), writes=places(asked))
    (work / "out/deeper").rmdir()
    if part == "out":
        (work / "out").rmdir()
        (work.parent / "outside/deeper").mkdir()
    # Relative: bubblewrap lays nothing over a link that begins at the root.
    (work / part).symlink_to("../" * len(Path(part).parts) + "outside")
    async with await start(asked, plan, launchers=holding.launchers) as child:
        assert await child.exit_by(asyncio.get_running_loop().time() + WAIT_S)
        child.reap()
        told = child.launch()
    assert told is not None
    assert not told.held
    assert re.search(f"symbolic links.*: '{work}/out/deeper'", told.fault)
    assert [each.name for each in (work.parent / "outside").rglob("file")] == []


async def test_another_directory_that_bubblewrap_laid_is_no_start(work: Path) -> None:
    """A link that was there for as long as it took the source, and not the destination."""
    program = shutil.which("bwrap", path=os.environ["PATH"])
    if program is None:
        pytest.skip("bubblewrap is not installed (apt install bubblewrap)")
    (work / "out").mkdir()
    outside, deceived = work.parent / "outside", work.parent / "bwrap"
    deceived.write_text(DECEIVED.format(python=sys.executable, program=program, place=work / "out", other=outside))
    deceived.chmod(0o700)
    known = replace(await LocalProcessExecutor().abilities(), namespaces=False, bubblewrap=str(deceived))
    for landlock_abi in {0, known.landlock_abi}:
        executor = LocalProcessExecutor(find_abilities=partial(replace, known, landlock_abi=landlock_abi))
        end, _ = await run(executor, invocation(work, "out", script="echo x >out/file"))
        assert isinstance(end, SpawnFailed)
        assert "took its place" in end.message
    assert list(outside.iterdir()) == []
