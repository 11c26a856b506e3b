"""A state directory that cannot be written to any more: it is said in words, and all is there once it can be again."""

import subprocess
from collections.abc import Iterator

import pytest

from dome_contracts.exit_codes import Exit
from tests.e2e.dome_home import DOME, Done, Home, a_home, finish
from tests.e2e.small_disk import SmallDisk, a_breakable_disk, a_small_disk
from tests.e2e.user_manager import until


@pytest.fixture
def home() -> Iterator[Home]:
    with a_home() as made:
        made.state.mkdir(parents=True, mode=0o700)
        yield made


def dome(home: Home, disk: SmallDisk, *words: str) -> Done:
    """The command of a user who sees the disk, as does the daemon that it starts."""
    command = disk.inside("sh", "-c", 'cd "$0" && exec "$@"', str(home.work), *DOME, *words)
    return finish(
        subprocess.Popen(
            command, env=home.environ(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
    )


def jobs(home: Home, disk: SmallDisk) -> list[str]:
    done = dome(home, disk, "jobs", "--json")
    assert done.code == Exit.OK, done.err
    return [job["job_id"] for job in done.documents()]


def run(home: Home, disk: SmallDisk) -> str:
    done = dome(home, disk, "run", "process.run", "--detach", "--", "true")
    assert done.code == Exit.OK, done.err
    job = done.lines()[0]
    assert dome(home, disk, "wait", job).code == Exit.OK
    return job


def test_on_a_read_only_file_system_no_daemon_starts_and_after_a_remount_all_is_there(home: Home) -> None:
    with a_small_disk(home.state, size="8m") as disk:
        first = run(home, disk)
        assert not disk.remount("ro"), "the daemon has its store open"
        assert dome(home, disk, "service", "stop").code == Exit.OK
        assert disk.remount("ro")
        for words in (("jobs",), ("run", "process.run", "--", "true")):
            refused = dome(home, disk, *words)
            assert (refused.code, "Read-only file system" in refused.err) == (Exit.UNAVAILABLE, True), refused.err
        assert "is on a file system that is read-only" in dome(home, disk, "doctor").out.decode()
        assert disk.remount("rw")
        second = run(home, disk)
        assert jobs(home, disk) == [second, first]
        assert dome(home, disk, "service", "stop").code == Exit.OK


@pytest.mark.slow
def test_a_file_system_that_protects_itself_ends_the_daemon_which_had_told_nothing_wrong(home: Home) -> None:
    """An error of the disk makes ext4 read-only under the daemon's open files."""
    with a_breakable_disk(home.state, image=home.root / "disk") as disk:
        first = run(home, disk)
        (daemon,) = home.daemons()
        disk.fail()
        refused = dome(home, disk, "run", "process.run", "--", "touch", "witness")
        assert (refused.code, "cannot write its record" in refused.err) == (Exit.INTERNAL, True), refused.err
        until(lambda: daemon not in home.daemons())
        assert not (home.work / "witness").exists()
        again = dome(home, disk, "jobs")
        assert (again.code, "Read-only file system" in again.err) == (Exit.UNAVAILABLE, True), again.err
        disk.mend()
        second = run(home, disk)
        assert jobs(home, disk) == [second, first]
        assert dome(home, disk, "service", "stop").code == Exit.OK
