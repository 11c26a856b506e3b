"""`repo.search` prints what it finds while git is at work, and ends with it."""

import json
import signal
import subprocess
from pathlib import Path

import pytest

from domed.tools.repo_search.git import THREADS
from packages.domed.tests.tools.repo_search.conftest import Git, Run, write


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """A folder in which git finds a match in the first file and then reads a file that nobody finishes writing."""
    write(tmp_path, {"a.txt": "needle\n"})
    # Long enough that a search is still under way when the test has looked: a pattern that backtracks.
    line = "ab" * 5_000 + "\n"
    write(tmp_path, {f"hay{number:03}.txt": line * 100 for number in range(60)})
    return tmp_path


SLOW_PATTERN = "needle|(a|b|ab)*c(a|b|ab)*d"


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_the_first_match_is_printed_while_git_is_at_work(endless: Path, start_tool: Run) -> None:
    with start_tool("repo.search", {"pattern": SLOW_PATTERN}, endless) as running:
        assert running.process.stdout.readline() == b"a.txt:1:needle\n"
        (git_pid,) = children(running.process.pid)
        assert Path(f"/proc/{git_pid}/comm").read_text() == "git\n"
    assert THREADS > 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_tool_ends_git_too(endless: Path, start_tool: Run, number: signal.Signals) -> None:
    with start_tool("repo.search", {"pattern": SLOW_PATTERN}, endless) as running:
        running.process.stdout.readline()
        (git_pid,) = children(running.process.pid)
        running.process.send_signal(number)
        ran = running.end()
    assert ran.exit_code == -number
    assert not Path(f"/proc/{git_pid}").exists()
    assert not any(message["type"] == "result" for message in ran.messages)


def test_without_a_channel_the_result_follows_the_matches(tmp_path: Path, built_in: Run) -> None:
    write(tmp_path, {"a.txt": "needle\n"})
    ran = subprocess.run(
        built_in("repo.search").argv(), cwd=tmp_path, input=b'{"pattern": "needle"}', capture_output=True, check=True
    )
    first, last = ran.stdout.splitlines()
    assert first == b"a.txt:1:needle"
    assert json.loads(last)["matches_count"] == 1


@pytest.mark.parametrize("untracked", [True, False])
def test_what_a_partial_clone_lacks_is_not_fetched(tmp_path: Path, git: Git, run_tool: Run, untracked: bool) -> None:
    origin, root = tmp_path / "origin", tmp_path / "clone"
    origin.mkdir()
    git(origin, "init", "-q")
    write(origin, {"a.txt": "needle\n", ".gitattributes": "*.c diff\n"})
    git(origin, "add", ".")
    git(origin, "commit", "-qm", "x")
    git(origin, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--filter=blob:none", "--no-checkout", "--no-local", f"file://{origin}", str(root))
    git(root, "read-tree", "HEAD")
    git(root, "update-index", "--assume-unchanged", "a.txt")
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    git(root, "config", "remote.origin.url", f"ext::{trap} %S")
    for name in ("protocol.allow", "protocol.ext.allow"):
        git(root, "config", name, "always")
    ran = run_tool("repo.search", {"pattern": "needle", "include_untracked": untracked}, root)
    assert (tmp_path / "sprung").exists() is False, ran.stderr
