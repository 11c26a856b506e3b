"""Ctrl-C during `dome plan run`: the jobs go on or are cancelled, and the second time the command leaves at once."""

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from dome_contracts.exit_codes import Exit
from dome_contracts.schema.knowledge.fact import EvidenceMemberFact
from dome_contracts.schema.shared.definitions import EvidenceKind
from tests.e2e.dome_home import DOME, Home, finish
from tests.e2e.plan_home import (
    a_repository,
    entries,
    executions,
    gated,
    memory_of,
    open_gate,
    shown,
    until,
    witness,
    work,
    write,
)
from tests.planned import Wish

TERMINAL_BYTES = 65536


@pytest.fixture
def home() -> Iterator[Home]:
    with a_repository() as made:
        yield made


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_its_jobs_running_and_begins_nothing_more(home: Home, number: signal.Signals) -> None:
    wishes = {"a": work(home, "a", gated(home)), "b": work(home, "b", depends_on=("a",))}
    given, path = write(home, wishes)
    runner = home.start("plan", "run", str(path), "--run-id", "run-1")
    until(lambda: witness(home) == ["a"])
    runner.send_signal(number)
    done = finish(runner)
    assert done.code == Exit.INTERRUPTED
    assert "dome plan resume run-1" in done.err
    assert "Traceback" not in done.err
    assert (shown(home)["state"], shown(home)["queue"]["state"]) == ("RESUMABLE", "RESUMABLE")
    open_gate(home)
    job_id = entries(shown(home), given)["a"]["attempts"][0]["job_id"]
    assert home.dome("wait", job_id).code == 0
    assert witness(home) == ["a"]
    assert home.dome("plan", "resume", "run-1").code == 0
    assert witness(home) == ["a", "b"]
    assert set(executions(home).values()) == {1}


def test_with_cancel_the_jobs_end_and_the_run_is_given_up(home: Home) -> None:
    wishes = {"a": work(home, "a", gated(home)), "b": work(home, "b", depends_on=("a",))}
    given, path = write(home, wishes)
    runner = home.start("plan", "run", str(path), "--run-id", "run-1", "--on-interrupt", "cancel", "--json")
    until(lambda: witness(home) == ["a"])
    runner.send_signal(signal.SIGINT)
    done = finish(runner)
    assert done.code == Exit.CANCELED, done.err
    found = entries(shown(home), given)
    assert {name: entry["block_reason"] for name, entry in found.items()} == {"a": "canceled", "b": "canceled"}
    assert found["a"]["attempts"][0]["outcome"]["status"] == "CANCELED"
    assert shown(home)["state"] == "ABANDONED"
    again = home.dome("plan", "resume", "run-1")
    assert again.code == Exit.PRECONDITION
    assert "given up" in again.err


def test_the_second_time_it_leaves_at_once(home: Home) -> None:
    """The job does not end politely, so cancelling it takes longer than anybody wants to wait."""
    stubborn = f'trap "" TERM; touch "{home.root}/trapped"; {gated(home)}'
    _, path = write(home, {"a": work(home, "a", stubborn)})
    runner = home.start("plan", "run", str(path), "--run-id", "run-1", "--on-interrupt", "cancel")
    until(lambda: (home.root / "trapped").exists())
    runner.send_signal(signal.SIGINT)
    until(lambda: b"cancel_requested" in home.dome("jobs", "--json").out)
    runner.send_signal(signal.SIGINT)
    done = finish(runner, timeout_s=20)
    assert done.code == Exit.INTERRUPTED
    assert "left at once" in done.err
    assert "Traceback" not in done.err
    assert shown(home)["state"] == "RESUMABLE"
    open_gate(home)


def test_on_a_terminal_progress_is_replaced_and_leaves_nothing_behind(home: Home) -> None:
    (home.work / "tests").mkdir()
    many = "\n".join(f"def test_{n}():\n    import time\n    time.sleep(0.2)\n" for n in range(12))
    (home.work / "tests" / "test_slow.py").write_text(many)
    tests = Wish(skill_id="repo.test", input={"python": sys.executable, "paths": ["tests"]})
    _, path = write(home, {"a": tests})
    controller, terminal = pty.openpty()
    try:
        process = subprocess.Popen(
            [*DOME, "plan", "run", str(path), "--run-id", "run-1"],
            cwd=home.work,
            env=home.environ(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=terminal,
        )
        out, _ = process.communicate(timeout=60)
        told = os.read(controller, TERMINAL_BYTES).decode()
    finally:
        os.close(controller)
        os.close(terminal)
    assert process.returncode == 0, told
    assert out.decode().startswith("run-1  FINISHED")
    assert "of 12 tests" in told
    assert told.rpartition("of 12 tests")[2].startswith("\r\x1b[K")
    assert "done     validate a (repo.test" in told.replace("\r\x1b[K", "\n")
    with memory_of(home) as memory:
        members = [fact.body for fact in memory.facts(kind="evidence_member")]
    kinds = {member.member.kind for member in members if isinstance(member, EvidenceMemberFact)}
    assert EvidenceKind.TEST_REPORT in kinds
