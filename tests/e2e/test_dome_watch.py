"""Watching all jobs with real processes: from another shell, over Ctrl-C, and over the death of the daemon."""

import json
import os
import re
import select
import signal
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from dome_contracts.exit_codes import Exit
from tests.e2e.dome_home import DOME, Home, a_home, finish

TIMEOUT_S = 30.0
STATES = ["JOB_STATE_QUEUED", "JOB_STATE_RUNNING", "JOB_STATE_SUCCEEDED"]


@pytest.fixture
def home() -> Iterator[Home]:
    with a_home() as made:
        yield made


class Watcher:
    """`dome jobs --watch --json`, read line by line."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process

    def next(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        readable, _, _ = select.select([self.process.stdout], [], [], TIMEOUT_S)
        assert readable, "nothing came"
        change: dict[str, Any] = json.loads(self.process.stdout.readline())
        return change

    def of(self, job_id: str, *, until: str) -> list[tuple[int, str]]:
        """Revision and state of a job's changes until it is in a state. Of no other job anything comes."""
        found: list[tuple[int, str]] = []
        while not found or found[-1][1] != until:
            change = self.next()
            assert change["job"]["job_id"] == job_id
            found.append((change["revision"], change["job"]["state"]))
        return found

    def interrupted(self) -> str:
        """What it said when it was told to stop."""
        self.process.send_signal(signal.SIGINT)
        left = finish(self.process)
        assert left.code == Exit.INTERRUPTED
        assert "Traceback" not in left.err
        return left.err


@pytest.fixture
def watchers(home: Home) -> Iterator[list[Watcher]]:
    started: list[Watcher] = []
    yield started
    for watcher in started:
        watcher.process.kill()
        watcher.process.communicate()


def watch(home: Home, watchers: list[Watcher], *words: str) -> Watcher:
    # Unbuffered, so that what select sees is what there is to read.
    process = subprocess.Popen(
        [*DOME, "jobs", "--watch", "--json", *words],
        cwd=home.work,
        env=home.environ(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    )
    watchers.append(Watcher(process))
    return watchers[-1]


def run(home: Home) -> str:
    """A job to its end."""
    done = home.dome("run", "process.run", "--json", "--", "true")
    assert done.code == 0, done.err
    job_id: str = done.documents()[0]["job_id"]
    return job_id


def test_the_jobs_as_they_stand_then_each_change_from_another_shell(home: Home, watchers: list[Watcher]) -> None:
    first = run(home)
    watcher = watch(home, watchers)
    assert watcher.of(first, until=STATES[-1]) == [(3, STATES[-1])]
    second = run(home)
    assert watcher.of(second, until=STATES[-1]) == list(enumerate(STATES, start=4))


def test_after_ctrl_c_a_watch_goes_on_where_it_was_told_to(home: Home, watchers: list[Watcher]) -> None:
    first = run(home)
    watcher = watch(home, watchers)
    watcher.of(first, until=STATES[-1])
    advice = re.search(r"dome jobs --watch --since-revision (\d+)", watcher.interrupted())
    assert advice is not None
    assert advice[1] == "3"
    second = run(home)
    again = watch(home, watchers, "--since-revision", advice[1])
    assert again.of(second, until=STATES[-1]) == list(enumerate(STATES, start=4))
    third = run(home)
    assert again.of(third, until=STATES[-1]) == list(enumerate(STATES, start=7))


def test_a_watch_outlives_a_daemon_that_was_killed_and_misses_nothing(home: Home, watchers: list[Watcher]) -> None:
    lost = home.dome("run", "process.run", "--detach", "--", "sleep", "1000").out.decode().strip()
    watcher = watch(home, watchers, "--since-revision", "0")
    assert watcher.of(lost, until="JOB_STATE_RUNNING") == list(enumerate(STATES[:2], start=1))
    [daemon] = home.daemons()
    os.kill(daemon, signal.SIGKILL)
    # The command that comes next starts another daemon, which settles what the first one left.
    done = run(home)
    assert watcher.of(lost, until="JOB_STATE_FAILED") == [(3, "JOB_STATE_FAILED")]
    assert watcher.of(done, until=STATES[-1]) == list(enumerate(STATES, start=4))


def test_a_revision_that_never_was_is_refused_with_what_to_do(home: Home) -> None:
    run(home)
    refused = home.dome("jobs", "--watch", "--since-revision", "99")
    assert refused.code == Exit.NOT_FOUND, refused.err
    assert "Changes after the revision 99 are not kept" in refused.err
    assert "list the jobs" in refused.err
