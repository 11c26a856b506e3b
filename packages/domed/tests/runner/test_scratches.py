"""Scratch directories: one for each run, private and empty, and gone afterwards."""

import asyncio
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from dome_contracts.ids import JobId
from domed.runner.scratches import SPARES_MAX, Lent, Scratches

WAIT_S = 10.0
JOB = JobId("job-1")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "state" / "scratch"


@pytest.fixture
def scratches(root: Path) -> Scratches:
    return Scratches(root)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not await asyncio.to_thread(holds):  # noqa: ASYNC110 - a thread makes it so, and tells nobody
            await asyncio.sleep(0.01)


def names(root: Path) -> list[str]:
    return [entry.name for entry in root.iterdir()]


async def warm(scratches: Scratches, root: Path) -> None:
    """Lend once, so that there are spares."""
    async with scratches.lend(JOB) as lent:
        await lent.made
    await until(lambda: len(scratches._spares) == SPARES_MAX == len(names(root)))


async def test_its_path_has_no_link_in_it(root: Path, tmp_path: Path) -> None:
    (tmp_path / "other").symlink_to(tmp_path / "state")
    scratches = Scratches(tmp_path / "other" / "scratch")
    async with scratches.lend(JOB) as lent:
        await lent.made
        assert lent.directory.parent == root
    await scratches.close()


async def test_the_first_is_made_when_it_is_asked_for(scratches: Scratches, root: Path) -> None:
    async with scratches.lend(JOB) as lent:
        await lent.made
        assert lent.directory.parent == root
        assert stat.S_IMODE(lent.directory.stat().st_mode) == 0o700
    await scratches.close()
    assert names(root) == []


async def test_a_job_that_comes_again_gets_none_that_is_about_to_be_removed(scratches: Scratches, root: Path) -> None:
    first = scratches.lend(JOB)
    first.give_back()
    second = scratches.lend(JOB)
    await asyncio.gather(first.made, second.made)
    assert second.directory != first.directory
    await until(lambda: not first.directory.exists())
    assert second.directory.is_dir()
    second.give_back()
    await scratches.close()
    assert names(root) == []


async def test_the_others_are_there_already_and_nobody_elses(scratches: Scratches, root: Path) -> None:
    await warm(scratches, root)
    lent = [scratches.lend(JOB) for _ in range(5)]
    assert all(each.made.done() for each in lent)
    assert len({each.directory for each in lent}) == 5
    for each in lent:
        assert stat.S_IMODE(each.directory.stat().st_mode) == 0o700
        assert list(each.directory.iterdir()) == []
    await scratches.close()


async def test_one_that_was_used_is_removed_and_never_lent_again(scratches: Scratches, root: Path) -> None:
    await warm(scratches, root)
    seen = set()
    for number in range(3 * SPARES_MAX):
        async with scratches.lend(JobId(f"job-{number}")) as lent:
            await lent.made
            assert list(lent.directory.iterdir()) == []
            (lent.directory / "left").write_text("behind")
            seen.add(lent.directory)
        lent.give_back()  # harmless
        await asyncio.sleep(0)
    await until(lambda: not any((directory / "left").exists() for directory in seen))
    await scratches.close()
    assert names(root) == []


async def test_one_that_comes_back_untouched_is_lent_again(scratches: Scratches, root: Path) -> None:
    await warm(scratches, root)
    lent = set()
    for _ in range(3 * SPARES_MAX):
        async with scratches.lend(JOB) as each:
            lent.add(each.directory)
    assert len(lent) <= SPARES_MAX
    assert len(names(root)) == SPARES_MAX
    await scratches.close()
    assert names(root) == []


@pytest.mark.parametrize("touch", ["file", "mode", "come and gone"])
async def test_one_that_was_touched_is_not(scratches: Scratches, root: Path, touch: str) -> None:
    await warm(scratches, root)
    await asyncio.sleep(0.02)  # a tick of the file system's clock
    async with scratches.lend(JOB) as lent:
        if touch == "mode":
            lent.directory.chmod(0o755)
        else:
            (lent.directory / "file").write_text("")
        if touch == "come and gone":
            (lent.directory / "file").unlink()
        touched = lent.directory
    for _ in range(3 * SPARES_MAX):
        async with scratches.lend(JOB) as again:
            assert again.directory != touched
    await scratches.close()


async def test_spares_that_somebody_removed_are_not_lent(scratches: Scratches, root: Path) -> None:
    await warm(scratches, root)
    for name in names(root):
        (root / name).rmdir()
    async with scratches.lend(JOB) as lent:
        await lent.made
        assert lent.directory.is_dir()
    await scratches.close()


async def test_what_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    scratches = Scratches(tmp_path / "file" / "scratch")
    lent: Lent
    async with scratches.lend(JOB) as lent:
        with pytest.raises(NotADirectoryError):
            await lent.made
    await scratches.close()


async def test_what_comes_back_after_the_end_is_removed_and_nothing_is_begun(root: Path, scratches: Scratches) -> None:
    await warm(scratches, root)
    lent = scratches.lend(JOB)
    await lent.made
    await scratches.close()
    (lent.directory / "left.txt").touch()
    lent.give_back()
    assert names(root) == []
    assert asyncio.all_tasks() == {asyncio.current_task()}
