"""A real daemon with a directory of control groups: every process of a run is found, ended and counted by its group."""

import json
import os
import signal
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.exit_codes import Exit
from packages.domed.tests.executors.cgroup_real import a_directory, need_controllers
from packages.domed.tests.runtime_suite import write_tool
from tests.e2e.dome_home import Done, Home, a_home
from tests.e2e.user_manager import a_user_manager

HIDE = """
    import os, resource, sys, time
    time.sleep({after_s})
    reader, writer = os.pipe()  # the writer goes with the environment, in the exec
    if os.fork(): os.close(writer); os.read(reader, 1); os.wait(); sys.exit()
    os.setsid()
    if os.fork(): os._exit(0)
    os.write(1, b"%d\\n" % os.getpid())
    os.closerange(0, writer); os.closerange(writer + 1, 256)
    resource.setrlimit(resource.RLIMIT_RTTIME, resource.getrlimit(resource.RLIMIT_RTTIME)[1:] * 2)
    os.execve("/bin/sleep", ["sleep", "600"], {{}})
"""
"""It leaves the session, empties its environment and takes its mark off: nothing but its group marks it."""
HUNGRY = "exec {python} -c 'a = bytearray(1 << 28)'"
CROWD = "for i in 1 2 3 4 5 6 7 8 9; do sleep 5 & done; wait"
CROWD_THAT_COPES = "for i in 1 2 3 4 5 6 7 8 9; do (sleep 0.2 &) 2>/dev/null; done; exit 0"
MIB = 1 << 20


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    with a_directory() as made:
        yield made


@pytest.fixture(scope="module")
def home(directory: Path) -> Iterator[Home]:
    with a_home() as made:
        tools = made.config / "tools"
        hide = textwrap.dedent(HIDE).format(after_s=0)
        (made.root / "hide.py").write_text(hide)
        write_tool(
            tools, "user.hide", f"exec {sys.executable} -I -S {made.root}/hide.py", limits={"open_files_max": 99}
        )
        hungry = HUNGRY.format(python=sys.executable)
        write_tool(tools, "user.hungry", hungry, limits={"run_memory_bytes_max": 64 * MIB})
        write_tool(tools, "user.crowd", CROWD, limits={"run_processes_max": 4})
        write_tool(tools, "user.copes", CROWD_THAT_COPES, limits={"run_processes_max": 4})
        listed = made.dome("tools", "--json", "user.").documents()
        digests = [tool["tool_digest"] for tool in listed if "tool_digest" in tool]
        text = f"[jobs]\ngrace_s = 2\ncontrol_group = '{directory}'\n[trust]\ndigests = {json.dumps(digests)}\n"
        made.configure(text)
        assert made.dome("service", "stop").code == 0
        yield made


def runs(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir() if path.name.startswith("run-")]


def lives(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def job(home: Home, done: Done) -> dict[str, Any]:
    job_id = next(line for line in done.err.splitlines() if line.startswith("job-"))
    (found,) = home.dome("job", job_id, "--json").documents()
    return found


def signals(home: Home, found: dict[str, Any]) -> list[int]:
    events = home.dome("events", found["job_id"], "--json").documents()
    return [event["signaled"]["signal"] for event in events if "signaled" in event]


def test_what_nothing_marks_is_found_from_the_first_moment_of_a_run_that_is_held(home: Home, directory: Path) -> None:
    done = home.dome("run", "user.hide")
    assert done.code == 0, done.err
    assert not lives(int(done.out))
    assert signals(home, job(home, done)) == [15]
    assert runs(directory) == []


def test_what_nothing_marks_is_found_in_a_run_that_lasts(home: Home, directory: Path) -> None:
    code = textwrap.dedent(HIDE).format(after_s=0.6)
    done = home.dome("run", "process.run", "--", sys.executable, "-I", "-S", "-c", code)
    assert done.code == 0, done.err
    assert not lives(int(done.out))
    assert runs(directory) == []


def test_the_daemon_stands_beside_its_runs(home: Home, directory: Path) -> None:
    assert home.dome("run", "process.run", "--", "true").code == 0
    (daemon,) = home.daemons()
    assert str(daemon) in (directory / f"domed-{daemon}" / "cgroup.procs").read_text().split()
    assert (directory / "cgroup.procs").read_text() == ""


def test_a_kill_of_the_daemon_leaves_nothing_in_the_groups(home: Home, directory: Path) -> None:
    hide = textwrap.dedent(HIDE).format(after_s=0).replace("os.wait(); sys.exit()", "time.sleep(600)")
    (home.root / "hide.py").write_text(hide)
    following = home.start("run", "user.hide")
    assert following.stdout is not None
    hidden = int(following.stdout.readline())
    assert len(runs(directory)) == 1
    (daemon,) = home.daemons()
    os.kill(daemon, signal.SIGKILL)
    # It would wait for the daemon, and the next one is started by the next use.
    following.kill()
    following.communicate()
    assert home.dome("run", "process.run", "--", "true").code == 0
    assert not lives(hidden)
    assert [path.name for path in directory.iterdir() if path.is_dir()] == [f"domed-{home.daemons()[0]}"]
    (lost,) = home.dome("jobs", "--json", "--state", "failed").documents()
    assert lost["outcome"]["cause"] == "OUTCOME_CAUSE_LOST"
    assert signals(home, lost) == [15]


def test_a_run_that_needs_more_memory_is_ended_with_its_reason(home: Home, directory: Path) -> None:
    need_controllers(directory, "memory")
    done = home.dome("run", "user.hungry")
    assert done.code == Exit.LIMIT
    outcome = job(home, done)["outcome"]
    assert (outcome["cause"], outcome["failure_reason_code"]) == ("OUTCOME_CAUSE_LIMIT", "LIMIT.MEMORY")
    assert outcome["signal"] == 9
    assert 0 < int(outcome["usage"]["run_memory_bytes_max"]) <= 64 * MIB


def test_a_run_that_starts_too_many_processes_fails_with_its_reason(home: Home, directory: Path) -> None:
    need_controllers(directory, "pids")
    done = home.dome("run", "user.crowd")
    assert done.code == Exit.LIMIT
    outcome = job(home, done)["outcome"]
    assert (outcome["cause"], outcome["failure_reason_code"]) == ("OUTCOME_CAUSE_LIMIT", "LIMIT.PROCESSES")
    assert outcome["usage"]["run_processes_max"] <= 4


def test_a_run_that_copes_with_the_limit_succeeds(home: Home, directory: Path) -> None:
    need_controllers(directory, "pids")
    assert home.dome("run", "user.copes").code == 0


def test_the_doctor_names_the_limits_that_nothing_holds(home: Home, directory: Path) -> None:
    assert home.dome("run", "process.run", "--", "true").code == 0
    (check,) = [each for each in home.dome("doctor", "--json").documents() if each["check"] == "runs"]
    offered = (directory / "cgroup.controllers").read_text().split()
    expected = {"memory": "memory", "pids": "processes"}
    assert {name for name, word in expected.items() if word not in check["what"]} == {
        name for name in expected if name in offered
    }
    assert "its end" not in check["what"]


def test_a_service_gets_its_directory_from_the_manager() -> None:
    """The unit asks for it, and the manager marks what it delegates."""
    with a_home() as home, a_user_manager(home) as manager:
        assert manager.dome("service", "install").code == 0
        code = textwrap.dedent(HIDE).format(after_s=0.6)
        done = manager.dome("run", "process.run", "--", sys.executable, "-I", "-S", "-c", code)
        assert done.code == 0, done.err
        assert not lives(int(done.out))
        checks = manager.dome("doctor", "--json").documents()
        (check,) = [each for each in checks if each["check"] == "runs"]
        assert "its end" not in check["what"], check
        assert manager.dome("service", "uninstall").code == 0
