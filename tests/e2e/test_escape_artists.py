"""Programs that try to outlive their job or to overwhelm the daemon: each is ended or reported, and none is left."""

import asyncio
import os
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.exit_codes import Exit
from dome_contracts.runtime.v1 import OutcomeCause
from tests.e2e.calls import execute, seen
from tests.e2e.daemon_process import DOMED, a_place
from tests.e2e.dome_home import Home, a_home, finish
from tests.e2e.small_disk import a_small_disk

CAP_BYTES = 1024 * 1024
GIB = 1 << 30
RESIDENT_BYTES_MAX = 200 * 1024 * 1024
ESCAPE = """
    import os, signal, sys, time
    def escape(*, prelude=lambda: None, close=True):
        if os.fork():
            os.wait()
            return
        os.setsid()
        if os.fork():
            os._exit(0)
        prelude()
        sys.stdout.write("out\\n")
        sys.stdout.flush()
        if close:
            os.closerange(0, 256)
        time.sleep(600)
        os._exit(0)
    def deaf():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
"""


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with a_home() as made:
        made.configure(f"[jobs]\ngrace_s = 0.5\noutput_bytes_max = {CAP_BYTES}\n")
        yield made


def of_job(job_id: str) -> list[int]:
    """The processes that name the job in their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                if f"DOME_JOB_ID={job_id}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
    return found


class Ran:
    """A program that was run to the end of its job."""

    def __init__(self, home: Home, python: str, *options: str) -> None:
        code = textwrap.dedent(ESCAPE) + textwrap.dedent(python)
        done = home.dome("run", "process.run", "--json", *options, "--", sys.executable, "-I", "-S", "-c", code)
        self.code = done.code
        self.events: list[dict[str, Any]] = done.documents()
        self.job_id: str = self.events[0]["job_id"]
        self.signals = [event["signaled"]["signal"] for event in self.events if "signaled" in event]
        assert ["finished" in event for event in self.events] == [False] * (len(self.events) - 1) + [True]
        assert [event for event in self.events if "survivor_found" in event] == []
        assert of_job(self.job_id) == []

    @property
    def cause(self) -> str:
        return str(self.events[-1]["finished"]["outcome"]["cause"]).removeprefix("OUTCOME_CAUSE_")

    @property
    def out(self) -> bytes:
        texts = [event["output"].get("text", "") for event in self.events if "output" in event]
        return "".join(texts).encode()


def test_a_double_fork_into_a_session_of_its_own_is_found_and_ended(home: Home) -> None:
    ran = Ran(home, "escape(); time.sleep(0.2)")
    assert (ran.code, ran.cause, ran.out, ran.signals) == (0, "EXITED", b"out\n", [15])


def test_a_daemon_that_ignores_the_polite_signal_gets_the_final_one(home: Home) -> None:
    ran = Ran(home, "escape(prelude=deaf); time.sleep(0.2)")
    assert (ran.code, ran.cause, ran.signals) == (0, "EXITED", [15, 9])


def test_a_program_that_ignores_the_polite_signal_ends_after_its_time(home: Home) -> None:
    ran = Ran(home, "deaf(); time.sleep(600)", "--timeout", "1")
    assert (ran.code, ran.cause, ran.signals) == (Exit.TIMEOUT, "TIMEOUT", [15, 9])


def test_a_program_that_closes_its_streams_and_lives_is_waited_for(home: Home) -> None:
    ran = Ran(home, "os.closerange(0, 256); time.sleep(0.3); os._exit(5)")
    assert (ran.code, ran.cause, ran.signals) == (5, "EXITED", [])


def test_who_holds_a_pipe_open_after_the_leader_does_not_hold_up_the_end(home: Home) -> None:
    start_s = time.monotonic()
    ran = Ran(home, "escape(close=False); time.sleep(0.1)")
    assert (ran.code, ran.out) == (0, b"out\n")
    assert time.monotonic() - start_s < 30


def test_a_cancellation_reaches_what_left_the_session(home: Home) -> None:
    code = textwrap.dedent(ESCAPE) + "escape(prelude=deaf); time.sleep(600)"
    following = home.start("run", "process.run", "--json", "--", sys.executable, "-I", "-S", "-c", code)
    assert following.stdout is not None
    assert any(b'"out' in line for line in following.stdout)
    (job,) = home.dome("jobs", "--json", "--state", "running").documents()
    assert home.dome("cancel", job["job_id"]).code == 0
    assert finish(following).code == Exit.CANCELED
    assert of_job(job["job_id"]) == []


def test_invalid_text_and_nuls_come_as_they_were_written(home: Home) -> None:
    data = b"\0\0\n\xff\xfe\xc3(\n\xed\xa0\x80\r\0no end\xf0\x9f"
    done = home.dome("run", "process.run", "--", sys.executable, "-c", f"import os; os.write(1, {data!r})")
    assert (done.code, done.out) == (0, data)


def test_a_bounded_fork_bomb_is_ended_to_the_last_process(home: Home) -> None:
    """Bounded by itself: this tool declares no limit on the number of its processes."""
    ran = Ran(
        home,
        """
        for _ in range(6):
            os.fork()
        deaf()
        if os.getpid() != os.getsid(0):
            os.setsid()
        time.sleep(600)
        """,
        "--timeout",
        "2",
    )
    assert (ran.cause, ran.signals[0]) == ("TIMEOUT", 15)
    assert 9 in ran.signals


@pytest.mark.slow
def test_a_gibibyte_without_a_newline_is_cut_at_the_limit_in_bounded_memory(home: Home) -> None:
    done = home.dome("run", "process.run", "--", "head", "-c", str(GIB), "/dev/zero")
    assert done.code == 0
    assert done.out == bytes(CAP_BYTES)
    shown = home.dome("events", next(line for line in done.err.splitlines() if line.startswith("job-")), "--json")
    (truncated,) = [event["truncated"] for event in shown.documents() if "truncated" in event]
    assert int(truncated["bytes"]) == GIB - CAP_BYTES
    (daemon,) = home.daemons()
    status = Path(f"/proc/{daemon}/status").read_text()
    peak = int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) * 1024
    assert peak < RESIDENT_BYTES_MAX


HIDE = """
    import resource
    reader, writer = os.pipe()  # the writer goes with the environment, in the exec
    if os.fork(): os.close(writer); os.read(reader, 1); os.wait(); sys.exit()
    os.setsid()
    if os.fork(): os._exit(0)
    os.write(1, b"%d\\n" % os.getpid())
    os.closerange(0, writer); os.closerange(writer + 1, 256)
"""
EMPTIED = "os.execve('/bin/sleep', ['sleep', '600'], {})"


def lives(pid: int) -> bool:
    """Whether a process has not ended. Whoever inherited it may take time to bury it, and then it has no command."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except FileNotFoundError:
        return False


def test_who_leaves_the_session_and_empties_its_environment_is_found_and_ended(home: Home) -> None:
    ran = Ran(home, f"{textwrap.dedent(HIDE)}{EMPTIED}\n")
    assert (ran.cause, ran.signals) == ("EXITED", [15])
    assert not lives(int(ran.out))


def test_what_nothing_marks_is_the_one_that_gets_away(home: Home) -> None:
    """It took the mark of its limits off, too: the threat model names it, and the job ends all the same."""
    unmark = "resource.setrlimit(resource.RLIMIT_RTTIME, resource.getrlimit(resource.RLIMIT_RTTIME)[1:] * 2)"
    ran = Ran(home, f"{textwrap.dedent(HIDE)}{unmark}\n{EMPTIED}\n")
    escaped = int(ran.out)
    try:
        assert ran.cause == "EXITED"
        assert Path(f"/proc/{escaped}/cmdline").read_bytes() == b"sleep\x00600\x00"
    finally:
        os.kill(escaped, 9)


async def test_who_fills_the_disk_fails_alone_and_gives_the_space_back() -> None:
    """Its scratch directory is on the disk of the daemon's state: even the record of its end has to wait for it."""
    fill = 'head -c 100000000 /dev/zero >"$DOME_SCRATCH/big"; echo "ended with $?"; exit 7'
    with a_place() as place:
        place.state.mkdir(parents=True, mode=0o700)
        with a_small_disk(place.state, size="16m") as disk:
            daemon = place.ready(command=disk.inside(*DOMED))
            channel = daemon.channel()
            ran = await seen(channel, (await execute(channel, "sh", "-c", fill)).job_id)
            assert ran.events[-1].finished is not None
            outcome = ran.events[-1].finished.outcome
            assert outcome is not None
            assert (outcome.cause, outcome.exit_code) == (OutcomeCause.EXITED, 7)
            # Both streams, since it wrote while there was no room for that either.
            said = b"".join(event.output.data for event in ran.events if event.output is not None)
            assert b"No space left" in said
            assert b"ended with 1\n" in said
            after = await seen(channel, (await execute(channel, "echo", "room again")).job_id)
            assert after.stdout == b"room again\n"
            assert not [path for path in (disk.path / "scratch").rglob("*") if path.is_file()]
            channel.close()
            code, log = await asyncio.to_thread(daemon.stop)
            assert code == 0, log
