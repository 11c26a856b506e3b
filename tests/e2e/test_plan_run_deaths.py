"""`dome plan run` when something dies in the middle: the daemon, or the runner. Each key is executed at most once."""

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator

import pytest

from dome_contracts.exit_codes import Exit
from dome_contracts.schema.knowledge.fact import GapFact
from tests.e2e.dome_home import Home, finish
from tests.e2e.plan_home import (
    a_repository,
    entries,
    executions,
    gated,
    infra_of,
    memory_of,
    open_gate,
    shown,
    strategies,
    until,
    witness,
    work,
    write,
)

KILLS_MAX = 6


@pytest.fixture
def home() -> Iterator[Home]:
    with a_repository() as made:
        yield made


def start_daemon(home: Home) -> int:
    """A daemon that was not started by a run, and its process."""
    assert home.dome("jobs").code == 0
    (pid,) = home.daemons()
    return pid


def explicit(home: Home) -> dict[str, str]:
    """An environment that names the daemon: nobody starts it then but the test."""
    return home.environ(DOMED_ENDPOINT=f"unix:{home.socket}")


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def test_a_job_that_was_lost_with_its_daemon_is_tried_again_within_the_limit(home: Home) -> None:
    wishes = {"a": work(home, "a"), "b": work(home, "b", gated(home), depends_on=("a",))}
    given, path = write(home, wishes, attempts_max=2)
    runner = home.start("plan", "run", str(path), "--run-id", "run-1")
    until(lambda: witness(home) == ["a", "b"])
    (daemon,) = home.daemons()
    kill(daemon)
    until(lambda: witness(home) == ["a", "b", "b"])
    open_gate(home)
    done = finish(runner)
    assert done.code == 0, done.err
    first, second = entries(shown(home), given)["b"]["attempts"]
    assert first["outcome"]["failure_reason_code"] == "PROCESS.LOST"
    assert second["outcome"]["status"] == "SUCCEEDED"
    assert set(executions(home).values()) == {1}
    assert "PROCESS.LOST" in done.err


def test_without_the_daemon_the_same_is_asked_for_a_while_and_then_the_run_is_resumable(home: Home) -> None:
    wishes = {"a": work(home, "a"), "b": work(home, "b", gated(home), depends_on=("a",))}
    given, path = write(home, wishes)
    daemon = start_daemon(home)
    file = strategies(home, lost_daemon_s=2, backoff_s=0.1)
    words = ("plan", "run", str(path), "--run-id", "run-1", "--strategies", str(file))
    runner = home.start(*words, environ=explicit(home))
    until(lambda: witness(home) == ["a", "b"])
    kill(daemon)
    begin_s = time.monotonic()
    done = finish(runner)
    assert 1.5 < time.monotonic() - begin_s < 30
    assert done.code == Exit.UNAVAILABLE
    assert "RESUMABLE" in done.err
    assert "dome plan resume run-1" in done.err
    assert "asking again, with the same keys" in done.err
    assert (shown(home)["state"], shown(home)["resume"]) == ("RESUMABLE", "dome plan resume run-1")
    again = home.dome("plan", "resume", "run-1", environ=explicit(home))
    assert (again.code, entries(shown(home), given)["b"]["status"]) == (Exit.UNAVAILABLE, "RUNNING")
    open_gate(home)
    resumed = home.dome("plan", "resume", "run-1")
    assert resumed.code == 0, resumed.err
    assert set(executions(home).values()) == {1}
    assert [attempt["attempt"] for attempt in entries(shown(home), given)["b"]["attempts"]] == [1, 2]


def test_a_daemon_that_comes_back_in_time_is_all_that_was_missing(home: Home) -> None:
    given, path = write(home, {"a": work(home, "a"), "b": work(home, "b", gated(home), depends_on=("a",))})
    daemon = start_daemon(home)
    runner = home.start("plan", "run", str(path), "--run-id", "run-1", environ=explicit(home))
    until(lambda: witness(home) == ["a", "b"])
    kill(daemon)
    open_gate(home)
    start_daemon(home)
    done = finish(runner)
    assert done.code == 0, done.err
    assert set(executions(home).values()) == {1}
    assert len(entries(shown(home), given)["b"]["attempts"]) == 2


def test_a_runner_that_is_killed_again_and_again_runs_nothing_twice(home: Home) -> None:
    wishes = {name: work(home, name, "sleep 0.15") for name in "abcd"}
    wishes |= {name: work(home, name, "sleep 0.1", depends_on=tuple("abcd")) for name in "ef"}
    given, path = write(home, wishes)
    start_daemon(home)
    chance = random.Random(7)
    words = ("plan", "run", str(path), "--run-id", "run-1")
    for _ in range(KILLS_MAX):
        runner = home.start(*words)
        try:
            runner.communicate(timeout=0.35 + chance.random() * 0.5)
        except subprocess.TimeoutExpired:
            kill(runner.pid)
            runner.communicate()
    done = home.dome(*words)
    assert done.code == 0, done.err
    assert sorted(witness(home)) == sorted("abcdef")
    assert set(executions(home).values()) == {1}
    jobs = [attempt["job_id"] for entry in entries(shown(home), given).values() for attempt in entry["attempts"]]
    assert sorted(jobs) == sorted(executions(home))
    with memory_of(home) as memory:
        summary = memory.run("run-1")
        assert summary is not None
        assert dict(summary.status_counts) == {"SUCCEEDED": 6}
        assert memory.verify().holds


def test_jobs_go_on_without_their_runner_and_the_next_one_has_their_ends(home: Home) -> None:
    given, path = write(home, {"a": work(home, "a", f"{gated(home)}; exit 4")})
    runner = home.start("plan", "run", str(path), "--run-id", "run-1")
    until(lambda: witness(home) == ["a"])
    until(lambda: entries(shown(home), given)["a"]["status"] == "RUNNING")
    assert shown(home)["held"] is True
    kill(runner.pid)
    runner.communicate()
    document = shown(home)
    assert (document["state"], document["held"], document["queue"]["state"]) == ("RESUMABLE", False, "ACTIVE")
    open_gate(home)
    resumed = home.dome("plan", "resume", "run-1")
    assert resumed.code == Exit.FAILED
    assert witness(home) == ["a"]
    assert entries(shown(home), given)["a"]["attempts"][0]["outcome"]["failure_reason_code"] == "PROCESS.EXIT_NONZERO"


def test_two_processes_at_once_do_not_carry_out_one_run(home: Home) -> None:
    _, path = write(home, {"a": work(home, "a", gated(home))})
    first = home.start("plan", "run", str(path), "--run-id", "run-1")
    until(lambda: witness(home) == ["a"])
    second = home.dome("plan", "run", str(path), "--run-id", "run-1")
    assert second.code == Exit.TRY_AGAIN
    assert f"pid-{first.pid}@" in second.err
    told = home.dome("plan", "resume", "run-1", "--json")
    assert json.loads(told.err)["error"]["reason"] == "RUN_HELD"
    open_gate(home)
    assert finish(first).code == 0
    assert witness(home) == ["a"]


def test_what_a_killed_writer_left_half_written_is_cut_off(home: Home) -> None:
    _, path = write(home, {"a": work(home, "a")})
    assert home.dome("plan", "run", str(path), "--run-id", "run-1").code == 0
    log = infra_of(home).runs_dir / "run-1" / "events.jsonl"
    whole = log.read_bytes()
    log.write_bytes(whole + b'{"schema_version":"1","event_id"')
    assert home.dome("plan", "run", str(path), "--run-id", "run-1").code == 0
    assert home.dome("plan", "status", "run-1").code == 0


def test_another_store_of_the_daemon_means_that_open_jobs_are_lost(home: Home) -> None:
    """The daemon's state is gone: nobody can say how the job ended, so asking for its key again might run it twice."""
    given, path = write(home, {"a": work(home, "a", gated(home))}, attempts_max=2)
    runner = home.start("plan", "run", str(path), "--run-id", "run-1")
    until(lambda: witness(home) == ["a"])
    # The runner has heard which job it is, and kept that: what is gone has a name.
    until(lambda: "job_id" in entries(shown(home), given)["a"]["attempts"][0])
    kill(runner.pid)
    runner.communicate()
    open_gate(home)
    assert home.dome("service", "stop").code == 0
    for file in home.state.iterdir():
        if file.name.startswith("domed.sqlite"):
            file.unlink()
    resumed = home.dome("plan", "resume", "run-1")
    assert resumed.code == 0, resumed.err
    first, second = entries(shown(home), given)["a"]["attempts"]
    assert (first["outcome"]["failure_reason_code"], second["outcome"]["status"]) == ("PROCESS.LOST", "SUCCEEDED")
    with memory_of(home) as memory:
        gaps = memory.facts(kind="gap")
    assert [fact.body.cause for fact in gaps if isinstance(fact.body, GapFact)] == ["store_replaced"]
