"""`repo.commit` leaves no commit or the whole one however it ends, and of many at once one wins."""

import os
import random
import shutil
import signal
import subprocess
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from packages.domed.tests.tools.commits import OPERATION, OTHER_OPERATION, Git, Repository, made

Run = Callable[..., Any]
PROCESSES = 8
KILLS = 10
# Longer than a commit takes.
LIFE_S_MAX = 0.25
REAL_GIT = shutil.which("git")


@pytest.fixture
def repository(tmp_path: Path, git: Git) -> Repository:
    """A repository in which somebody staged one path and changed two others."""
    repository = made(tmp_path / "repository", git)
    repository.commit({"a.txt": "a\n", "old.txt": "old\n", "staged.txt": "\n"})
    repository.write({"staged.txt": "staged\n"})
    repository.git("add", "staged.txt")
    repository.write({"a.txt": "changed\n", "old.txt": None, "new.txt": "new\n"})
    return repository


PATHS = ("a.txt", "old.txt", "new.txt")
CHANGED = ["M a.txt", "A new.txt", "D old.txt"]


def wrapped(tmp_path: Path, script: str) -> str:
    """A PATH on which git is a script; `$REAL` is git, `$STEP` the number of the call, `$PPID` the tool."""
    folder = tmp_path / "bin"
    folder.mkdir(exist_ok=True)
    program = folder / "git"
    head = f'#!/bin/sh\nREAL={REAL_GIT}\necho x >> "{tmp_path}/steps"\nSTEP=$(wc -l < "{tmp_path}/steps")\n'
    program.write_text(f'{head}{script}\nexec "$REAL" "$@"\n')
    program.chmod(0o755)
    (tmp_path / "steps").unlink(missing_ok=True)
    return f"{folder}:{os.environ['PATH']}"


def assert_whole(repository: Repository, before: str) -> bool:
    """Whether there is the commit; if so it is whole, and if not nothing of it is to be seen."""
    if repository.head() == before:
        assert repository.staged() == ["staged.txt"]
        return False
    assert (repository.git("rev-parse", "HEAD^"), repository.changed()) == (before, CHANGED)
    assert f"Dome-Operation: {OPERATION}" in repository.git("log", "-1", "--format=%B")
    return True


def assert_settled(repository: Repository, before: str) -> None:
    assert assert_whole(repository, before)
    assert repository.status() == ["M  staged.txt"]
    assert [path.name for path in (repository.root / ".git").glob("*.lock")] == []
    assert not (repository.root / ".git/dome-index").exists()


def test_of_many_at_once_exactly_one_wins(repository: Repository, start_tool: Run) -> None:
    before = repository.head()
    repository.write({f"{number}.txt": "x\n" for number in range(PROCESSES)})
    target = repository.target()
    with ExitStack() as stack:
        running = []
        for number in range(PROCESSES):
            operation_id = OPERATION[:-1] + str(number)
            request = repository.request(f"{number}.txt", target=target, operation_id=operation_id)
            running.append(stack.enter_context(start_tool("repo.commit", request, repository.root)))
        ran = [each.end() for each in running]
    (winner,) = [each for each in ran if each.exit_code == 0]
    assert {each.failure[0] for each in ran if each is not winner} == {"COMMIT.HEAD_MOVED"}
    assert repository.git("rev-parse", "HEAD", "HEAD^").split() == [winner.result["commit"], before]
    assert len(repository.changed()) == 1


def test_the_same_operation_many_times_at_once_gives_one_commit(repository: Repository, start_tool: Run) -> None:
    before = repository.head()
    request = repository.request(*PATHS)
    with ExitStack() as stack:
        running = [
            stack.enter_context(start_tool("repo.commit", request, repository.root)) for _ in range(PROCESSES // 2)
        ]
        results = [each.end().result for each in running]
    assert sorted(result["was_already_committed"] for result in results) == [False, True, True, True]
    assert {result["commit"] for result in results} == {repository.head()}
    assert_settled(repository, before)


@pytest.mark.slow
def test_a_kill_before_any_step_of_git_leaves_nothing_that_the_next_run_does_not_finish(
    repository: Repository, tmp_path: Path, run_tool: Run
) -> None:
    step, ended = 0, False
    while not ended:
        step += 1
        place = tmp_path / str(step)
        copy = Repository(place / "repository", repository.run)
        shutil.copytree(repository.root, copy.root)
        before, request = copy.head(), copy.request(*PATHS)
        path = wrapped(place, f"if [ $STEP = {step} ]; then kill -9 $PPID; exit 1; fi")
        ran = run_tool("repo.commit", request, copy.root, PATH=path)
        ended = ran.exit_code == 0
        assert ended or ran.exit_code == -signal.SIGKILL
        assert (copy.head() == before) != ended
        again = run_tool("repo.commit", request, copy.root)
        assert again.exit_code == 0, (step, again.failure)
        assert again.result["was_already_committed"] == ended
        assert_settled(copy, before)
    assert step > 15


AFTER_THE_MOVE = 'case "$*" in *update-ref*) "$REAL" "$@"; kill -9 $PPID; exit 0;; esac'


def test_a_kill_right_after_the_commit_point_leaves_the_whole_commit(
    repository: Repository, tmp_path: Path, run_tool: Run
) -> None:
    before, request = repository.head(), repository.request(*PATHS)
    ran = run_tool("repo.commit", request, repository.root, PATH=wrapped(tmp_path, AFTER_THE_MOVE))
    assert ran.exit_code == -signal.SIGKILL
    assert assert_whole(repository, before)
    assert run_tool("repo.commit", request, repository.root).result["was_already_committed"]
    assert_settled(repository, before)


def test_another_operation_finishes_what_a_killed_one_left(
    repository: Repository, tmp_path: Path, run_tool: Run
) -> None:
    request = repository.request(*PATHS)
    run_tool("repo.commit", request, repository.root, PATH=wrapped(tmp_path, AFTER_THE_MOVE))
    lock, kept = repository.root / ".git/index.lock", tmp_path / "kept"
    # Nobody but the tool can look at the index as it should be while the lock is there.
    lock.rename(kept)
    target = repository.target(staged_paths=["staged.txt"])
    kept.rename(lock)
    repository.write({"b.txt": "b\n"})
    other = {**request, "target": target, "paths": ["b.txt"], "operation_id": OTHER_OPERATION}
    ran = run_tool("repo.commit", other, repository.root)
    assert ran.exit_code == 0, ran.stderr
    assert (repository.changed(), repository.status()) == (["A b.txt"], ["M  staged.txt"])


def test_a_kill_at_any_time_leaves_no_commit_or_the_whole_one(
    repository: Repository, start_tool: Run, run_tool: Run
) -> None:
    before, request = repository.head(), repository.request(*PATHS)
    chance = random.Random(20)
    for _ in range(KILLS):
        with start_tool("repo.commit", request, repository.root) as running, suppress(subprocess.TimeoutExpired):
            running.process.wait(chance.uniform(0.03, LIFE_S_MAX))
        # What a killed git leaves is removed as the remedy of the reason says.
        (repository.root / ".git/refs/heads/main.lock").unlink(missing_ok=True)
        (repository.root / ".git/HEAD.lock").unlink(missing_ok=True)
        was_made = assert_whole(repository, before)
        ran = run_tool("repo.commit", request, repository.root)
        assert ran.exit_code == 0, ran.stderr
        assert ran.result["was_already_committed"] == was_made
        assert_settled(repository, before)
        repository.git("reset", "-q", "--soft", before)
        repository.git("reset", "-q", before, "--", *PATHS)
    repository.git("fsck", "--strict", "--no-dangling")


def test_a_branch_that_moves_at_the_last_moment_wins(repository: Repository, tmp_path: Path, run_tool: Run) -> None:
    request = repository.request(*PATHS)
    other = repository.git("commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", "at the last moment")
    move = f'case "$*" in *update-ref*) "$REAL" update-ref refs/heads/main {other};; esac'
    index = (repository.root / ".git/index").read_bytes()
    ran = run_tool("repo.commit", request, repository.root, PATH=wrapped(tmp_path, move))
    assert ran.failure[0] == "COMMIT.HEAD_MOVED"
    assert (repository.head(), (repository.root / ".git/index").read_bytes()) == (other, index)
    assert not (repository.root / ".git/dome-index").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_polite_signal_ends_it_with_nothing_committed(
    repository: Repository, tmp_path: Path, run_tool: Run, number: signal.Signals
) -> None:
    before, request = repository.head(), repository.request(*PATHS)
    path = wrapped(tmp_path, f'case "$*" in *write-tree*) kill -{number.value} $PPID;; esac')
    ran = run_tool("repo.commit", request, repository.root, PATH=path)
    assert ran.exit_code == -number
    assert not assert_whole(repository, before)
    assert list((repository.root / ".git").glob("*lock*")) == []


def test_a_polite_signal_after_the_commit_point_does_not_hide_the_commit(
    repository: Repository, tmp_path: Path, run_tool: Run
) -> None:
    before, request = repository.head(), repository.request(*PATHS)
    path = wrapped(tmp_path, 'case "$*" in *update-ref*) kill -TERM $PPID; kill -TERM $$;; esac')
    ran = run_tool("repo.commit", request, repository.root, PATH=path)
    assert (ran.exit_code, ran.result["commit"]) == (0, repository.head())
    assert_settled(repository, before)
