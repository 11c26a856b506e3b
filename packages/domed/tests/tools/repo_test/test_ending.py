"""A run of `repo.test` that is asked to end leaves no process; its reporter is readable for old Pythons."""

import ast
import os
import signal
from pathlib import Path

import pytest

from domed.tools.repo_test import child
from packages.domed.tests.tools.repo_test.conftest import Run, write

MARK = "DOME_TEST_MARK"


def left_processes(mark: str) -> list[str]:
    """Processes that have the mark in their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                if f"{MARK}={mark}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                    found.append((entry / "cmdline").read_text())
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
    return found


CANCELLED = """
import pathlib, pytest, subprocess
@pytest.fixture
def place():
    yield
    pathlib.Path("cleaned").touch()
def test_a(): pass
def test_b(place):
    subprocess.Popen(["sleep", "600"])
    print("ready", flush=True)
    subprocess.run(["sleep", "600"])
"""


@pytest.mark.parametrize("to_group", [False, True], ids=["the tool alone", "all of its processes"])
def test_a_run_that_is_asked_to_end_leaves_no_process_and_says_how_far_it_was(
    start_tool: Run, repository: Path, python: Path, *, to_group: bool
) -> None:
    write(repository, {"test_a.py": CANCELLED})
    mark = f"{os.getpid()}-{to_group}"
    asked = {"python": str(python), "live_output": True}
    with start_tool("repo.test", asked, repository, **{MARK: mark}) as running:
        assert any(b"ready" in line for line in running.process.stdout)
        children = [
            int(pid)
            for path in Path("/proc").glob(f"{running.process.pid}/task/*/children")
            for pid in path.read_text().split()
        ]
        assert len(children) == 1
        # The daemon tells every process of the job, its program first.
        for pid in [running.process.pid, *(children if to_group else [])]:
            os.kill(pid, signal.SIGTERM)
        ran = running.end()
        assert left_processes(mark) == []
    assert ran.failure[0] == "CANCEL.REQUESTED"
    assert "1 of 2 tests" in ran.failure[1]
    assert ran.result["running"] == ["test_a.py::test_b"]
    assert (repository / "cleaned").exists() != to_group


def test_the_reporter_is_readable_for_old_pythons() -> None:
    ast.parse(child.REPORTER.read_text(), feature_version=(3, 7))
