"""What two shells see of one job, with a daemon that comes and goes."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from dome_contracts.exit_codes import Exit
from tests.e2e.dome_home import Home, a_home, finish

ECHO_WHAT_IS_TOLD = "while read -r line; do echo $line; [ $line = end ] && exit 0; done < told"


@pytest.fixture
def home() -> Iterator[Home]:
    with a_home() as made:
        yield made


class Told:
    """The writing end of a pipe that a job reads from: each line comes when the test says so."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        # Both ends, so that opening it waits for nobody.
        self._descriptor = os.open(path, os.O_RDWR)

    def tell(self, line: str) -> None:
        os.write(self._descriptor, f"{line}\n".encode())

    def close(self) -> None:
        os.close(self._descriptor)


@pytest.fixture
def told(home: Home) -> Iterator[Told]:
    made = Told(home.work / "told")
    yield made
    made.close()


def start_told(home: Home) -> str:
    done = home.dome("run", "process.run", "--detach", "--", "sh", "-c", ECHO_WHAT_IS_TOLD)
    assert done.code == 0, done.err
    return done.out.decode().strip()


def next_output(process: "subprocess.Popen[bytes]") -> tuple[int, str]:
    """Seq and text of the next line of output that `dome events` shows."""
    assert process.stdout is not None
    while line := process.stdout.readline().decode():
        seq, _, kind, *text = line.split()
        if kind == "stdout":
            return int(seq), " ".join(text)
    raise AssertionError("the stream ended")


def test_each_line_is_seen_in_the_other_shell_before_the_next_is_written(home: Home, told: Told) -> None:
    job = start_told(home)
    follower = home.start("events", job, "--follow")
    for n in range(10):
        told.tell(f"line-{n}")
        assert next_output(follower)[1] == f"line-{n}"
    told.tell("end")
    rest = finish(follower)
    assert rest.code == 0
    assert "SUCCEEDED" in rest.lines()[-1]


def test_after_ctrl_c_the_job_goes_on_and_so_does_the_stream_with_the_next_event(home: Home, told: Told) -> None:
    job = start_told(home)
    follower = home.start("events", job, "--follow")
    told.tell("before")
    seq, _ = next_output(follower)
    follower.send_signal(signal.SIGINT)
    left = finish(follower)
    assert left.code == Exit.INTERRUPTED
    advice = re.search(r"dome events (\S+) --follow --since-seq (\d+)", left.err)
    assert advice is not None
    assert (advice[1], int(advice[2])) == (job, seq)
    told.tell("after")
    again = home.start("events", job, "--follow", "--since-seq", advice[2])
    assert next_output(again) == (seq + 1, "after")
    told.tell("end")
    assert finish(again).code == 0


def test_ctrl_c_leaves_a_job_running_that_was_started_in_the_foreground(home: Home, told: Told) -> None:
    runner = home.start("run", "process.run", "--", "sh", "-c", ECHO_WHAT_IS_TOLD)
    told.tell("one")
    assert runner.stdout is not None
    assert runner.stdout.readline() == b"one\n"
    runner.send_signal(signal.SIGINT)
    left = finish(runner)
    assert left.code == Exit.INTERRUPTED
    assert "Traceback" not in left.err
    told.tell("end")
    (job,) = home.dome("jobs", "--json").documents()
    assert home.dome("wait", job["job_id"]).code == 0


def test_a_finished_job_and_its_events_survive_the_end_of_the_daemon(home: Home) -> None:
    done = home.dome("run", "process.run", "--json", "--", "seq", "100")
    before = done.documents()
    job = before[0]["job_id"]
    assert home.dome("service", "stop").code == 0
    assert home.daemons() == []
    after = home.dome("events", job, "--json").documents()
    assert after == before
    assert [event["seq"] for event in after] == list(range(1, len(after) + 1))
    assert home.dome("wait", job).code == 0


def test_a_follower_stays_through_a_restart_and_sees_the_one_terminal_event(home: Home, told: Told) -> None:
    home.configure("[jobs]\ndrain_timeout_s = 0.1\ngrace_s = 0.1\n")
    job = start_told(home)
    follower = home.start("events", job, "--follow", "--json")
    told.tell("one")
    assert follower.stdout is not None
    lines = []
    while b'"output"' not in (line := follower.stdout.readline()):
        lines.append(line)
    lines.append(line)
    assert home.dome("service", "restart").code == 0
    rest = finish(follower)
    assert rest.code == 0
    assert rest.out.count(b'"finished"') == 1
    shown = b"".join(lines) + rest.out
    recorded = home.dome("events", job, "--json").out
    assert shown == recorded


def test_a_stopped_daemon_is_started_again_by_the_next_command_and_only_then(home: Home) -> None:
    assert home.dome("service", "status").code == Exit.UNAVAILABLE
    assert home.daemons() == []
    assert home.dome("jobs").code == 0
    status = home.dome("service", "status", "--json").documents()[0]
    assert (status["running"], [status["pid"]]) == (True, home.daemons())
    assert home.dome("service", "stop").code == 0
    assert home.dome("doctor").code == 0
    assert home.daemons() == []
