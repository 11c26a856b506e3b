"""The memory of a repository, as its user has it: taken in, asked, repaired, copied, killed and interrupted."""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.canonical import digest_bytes
from dome_contracts.exit_codes import Exit
from tests.e2e.dome_home import DOME, TIMEOUT_S, finish
from tests.e2e.plan_home import a_repository, infra_of, work
from tests.e2e.plan_home import write as write_plan
from tests.e2e.small_disk import a_small_disk
from tests.e2e.warm_python import Done, warm_python
from tests.remembered import a_wrapper

REPORT = b"<testsuite failures='1'/>"
EVIDENCE = [{"digest": digest_bytes(REPORT), "location": "report.xml"}]
MANY = 1400
BATCH = 1000
LOOK_S = 0.02
KILLS = 20


def a_document(number: int, **changes: Any) -> bytes:
    """A wrapper of an attempt of its own."""
    return json.dumps(a_wrapper(group_id=f"sha256:{number:064x}", evidence=EVIDENCE, **changes)).encode() + b"\n"


class User:
    """A user with repositories, and without a daemon."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.repository = root / "shop"
        self.git("init", "-q", "-b", "main", str(self.repository), at=root)
        self.git("commit", "-q", "--allow-empty", "-m", "one")
        (self.repository / "report.xml").write_bytes(REPORT)

    def git(self, *words: str, at: Path | None = None) -> None:
        named = {
            "GIT_AUTHOR_NAME": "A",
            "GIT_AUTHOR_EMAIL": "a@x",
            "GIT_COMMITTER_NAME": "A",
            "GIT_COMMITTER_EMAIL": "a@x",
        }
        environ = {"PATH": os.environ["PATH"], "HOME": str(self.root), "GIT_CONFIG_NOSYSTEM": "1", **named}
        subprocess.run(["git", *words], cwd=at or self.repository, env=environ, check=True, timeout=TIMEOUT_S)

    def start(self, *words: str, at: Path | None = None) -> "subprocess.Popen[bytes]":
        """A use of the group as a process, which the caller ends; it is given its input by the caller."""
        return subprocess.Popen(
            [*DOME, "memory", *words],
            cwd=at or self.repository,
            env=self.environ(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def memory(self, *words: str, at: Path | None = None) -> Done:
        return warm_python().run("memory", *words, cwd=at or self.repository, environ=self.environ())

    def environ(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self.root), "XDG_STATE_HOME": str(self.root / "state")}

    def write(self, name: str, documents: Sequence[bytes]) -> str:
        (self.repository / name).write_bytes(b"".join(documents))
        return name

    def fact_count(self) -> int:
        """How many facts are committed, as another reader sees it."""
        found = list((self.root / "state").rglob("memory.sqlite"))
        if not found:
            return 0
        try:
            connection = sqlite3.connect(f"file:{found[0]}?mode=ro", uri=True, timeout=TIMEOUT_S)
        except sqlite3.OperationalError:
            return 0
        try:
            (count,) = connection.execute("SELECT count(*) FROM fact").fetchone()
        except sqlite3.OperationalError:  # the file is there, and its tables are not yet
            return 0
        finally:
            connection.close()
        return int(count)

    def export(self, at: Path | None = None) -> bytes:
        said = self.memory("export", at=at)
        assert said.code == Exit.OK, said.err
        return said.out


@pytest.fixture
def user(tmp_path: Path) -> User:
    return User(tmp_path)


@pytest.fixture
def half_done(user: User) -> Iterator[tuple[User, "subprocess.Popen[bytes]"]]:
    """An ingest that has committed some of its documents and waits for the rest."""
    process = user.start("ingest", "-", "--json")
    assert process.stdin is not None
    process.stdin.write(b"".join(a_document(number) for number in range(BATCH + BATCH // 4)))
    process.stdin.flush()
    deadline = time.monotonic() + TIMEOUT_S
    while user.fact_count() < BATCH:
        assert process.poll() is None
        assert time.monotonic() < deadline, "nothing was committed"
        time.sleep(LOOK_S)
    yield user, process
    if process.poll() is None:
        process.kill()
        process.communicate()


def test_a_memory_is_begun_asked_and_put_in_order(user: User) -> None:
    broken = a_document(3).replace(b'"anomaly"', b'"hunch"')
    user.write("w.jsonl", [a_document(1), a_document(2), broken, b"{half a docu\n"])
    taken = user.memory("ingest", "w.jsonl")
    assert (taken.code, taken.out) == (Exit.FAILED, b"4 documents: 4 new facts.\n")
    assert "2 put aside (1 not_json, 1 schema_invalid)" in taken.err
    aside = {each["body"]["cause"]: each["fact_id"] for each in user.memory("quarantine", "list", "--json").documents()}
    assert "/signal" in user.memory("quarantine", "show", aside["schema_invalid"]).out.decode()
    user.write("repaired.json", [a_document(3)])
    assert user.memory("quarantine", "fix", aside["schema_invalid"], "repaired.json").code == Exit.OK
    assert user.memory("quarantine", "dismiss", aside["not_json"]).code == Exit.OK
    assert user.memory("quarantine", "list").out == b"Nothing is put aside.\n"
    assert user.memory("verify", "--evidence").code == Exit.OK
    health = user.memory("health", "--json").documents()[0]
    assert health["facts_by_kind"] == {"evidence_group": 3, "quarantine": 2, "release": 2}


def test_a_copied_repository_is_refused_until_it_has_an_id_of_its_own(user: User, tmp_path: Path) -> None:
    user.write("w.jsonl", [a_document(1)])
    assert user.memory("ingest", "w.jsonl").code == Exit.OK
    copy = tmp_path / "copy"
    shutil.copytree(user.repository, copy)
    refused = user.memory("ingest", "w.jsonl", at=copy)
    assert refused.code == Exit.PRECONDITION
    assert f"{copy}/.git is a copy of {user.repository}/.git" in refused.err
    assert "dome memory rekey" in refused.err
    assert user.memory("capsules", at=copy).code == Exit.PRECONDITION
    assert user.memory("rekey", at=copy).code == Exit.OK
    assert user.memory("health", "--json", at=copy).documents()[0]["facts"] == 0
    assert user.memory("ingest", "w.jsonl", at=copy).code == Exit.OK
    assert user.memory("health", "--json").documents()[0]["facts"] == 1


def test_a_worktree_and_its_main_checkout_have_one_memory(user: User, tmp_path: Path) -> None:
    beside = tmp_path / "beside"
    user.git("worktree", "add", "-q", str(beside))
    (beside / "report.xml").write_bytes(REPORT)
    (beside / "w.jsonl").write_bytes(a_document(1))
    assert user.memory("ingest", "w.jsonl", at=beside).code == Exit.OK
    user.write("w.jsonl", [a_document(2)])
    assert user.memory("ingest", "w.jsonl").code == Exit.OK
    assert user.export() == user.export(at=beside)
    assert len(user.export().splitlines()) == 2


def test_a_killed_ingest_is_finished_by_the_same_command(half_done: tuple[User, Any], tmp_path: Path) -> None:
    user, process = half_done
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert user.fact_count() == BATCH
    assert user.memory("verify", "--evidence").code == Exit.OK
    user.write("all.jsonl", [a_document(number) for number in range(MANY)])
    said = user.memory("ingest", "all.jsonl", "--json").documents()[0]
    assert (said["facts_known"], said["facts_new"]) == (BATCH, MANY - BATCH)
    assert user.memory("verify").code == Exit.OK
    (tmp_path / "other").mkdir()
    other = User(tmp_path / "other")
    other.write("all.jsonl", [a_document(number) for number in reversed(range(MANY))])
    other.memory("ingest", "all.jsonl")
    assert _without_repository(user) == _without_repository(other)


def test_an_interrupted_ingest_says_what_is_kept(half_done: tuple[User, Any]) -> None:
    user, process = half_done
    os.kill(process.pid, signal.SIGINT)
    said = finish(process)
    assert said.code == Exit.INTERRUPTED
    assert said.documents()[0]["documents"] == BATCH
    assert "the same command takes in the rest" in said.err
    assert user.fact_count() == BATCH


def _without_repository(user: User) -> list[dict[str, Any]]:
    return [{**json.loads(line), "repository_id": ""} for line in user.export().splitlines()]


def test_two_ingests_at_once_keep_everything_once(user: User) -> None:
    user.write("all.jsonl", [a_document(number) for number in range(MANY)])
    said = [finish(each) for each in [user.start("ingest", "all.jsonl", "--json") for _ in range(2)]]
    assert [each.code for each in said] == [Exit.OK, Exit.OK], [each.err for each in said]
    assert sum(each.documents()[0]["facts_new"] for each in said) == MANY
    assert user.fact_count() == MANY
    assert user.memory("verify").code == Exit.OK


def test_where_nothing_can_be_written_what_is_kept_is_still_told(user: User) -> None:
    state = user.root / "state"
    state.mkdir()

    def memory(*words: str) -> Done:
        environ = {"PATH": os.environ["PATH"], "HOME": str(user.root), "XDG_STATE_HOME": str(state)}
        command = disk.inside("sh", "-c", 'cd "$0" && exec "$@"', str(user.repository), *DOME, "memory", *words)
        pipe = subprocess.PIPE
        return finish(subprocess.Popen(command, env=environ, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe))

    with a_small_disk(state, size="16m") as disk:
        first = user.write("first.jsonl", [a_document(number) for number in range(5)])
        assert memory("ingest", first).code == Exit.OK
        told = memory("export")
        assert disk.remount("ro")
        for words in (["health"], ["capsules"], ["views", "recent-failures"], ["verify", "--evidence"], ["rollout"]):
            said = memory(*words)
            assert (said.code, said.err) == (Exit.OK, ""), said.err
        assert memory("export").out == told.out
        second = user.write("second.jsonl", [a_document(6)])
        for words in (["ingest", second], ["rebuild"]):
            refused = memory(*words)
            assert (refused.code, "read and write the file" in refused.err) == (Exit.PRECONDITION, True), refused.err
        assert disk.remount("rw")
        assert memory("ingest", second).code == Exit.OK


def test_the_help_loads_nothing_heavy() -> None:
    heavy = "{'asyncio', 'dulwich', 'jsonschema_rs', 'pydantic', 'sqlite3', 'yaml'}"
    register = (
        "from dome_spec.commands import memory; memory.register(argparse.ArgumentParser().add_subparsers(), None)"
    )
    code = f"import argparse, sys; {register}; sys.exit(str({heavy} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=TIMEOUT_S, check=False)
    assert done.stderr.decode().strip() == "set()"


def test_what_the_daemon_ran_is_read_once_and_followed_until_interrupted() -> None:
    with a_repository() as home:
        _, path = write_plan(home, {"a": work(home, "a"), "b": work(home, "b", "exit 3")})
        assert home.dome("plan", "run", str(path), "--run-id", "run-1").code == Exit.FAILED
        kept = home.dome("memory", "export").out
        (failure,) = home.dome("memory", "views", "recent-failures", "--json").documents()
        assert failure["failure_reason_code"] == "PROCESS.EXIT_NONZERO"
        assert home.dome("memory", "ingest", "--runtime", "--json").documents()[0]["facts_new"] == 0
        infra_of(home).memory_path.unlink()
        following = home.start("memory", "ingest", "--runtime", "--follow", "--json")
        assert following.stdout is not None
        while json.loads(following.stdout.readline())["jobs"] < 2:
            pass
        os.kill(following.pid, signal.SIGINT)
        assert finish(following).code == Exit.INTERRUPTED
        assert home.dome("memory", "export").out == kept
        assert home.dome("memory", "verify", "--evidence").code == Exit.OK


@pytest.mark.slow
def test_an_ingest_that_is_killed_again_and_again_keeps_everything_once(user: User, tmp_path: Path) -> None:
    chance = random.Random(7)
    documents = [a_document(number) for number in range(6 * BATCH)] + [b"{broken\n"]
    user.write("all.jsonl", documents)
    kills = 0
    while kills < KILLS:
        process = user.start("ingest", "all.jsonl")
        try:
            process.communicate(timeout=chance.uniform(0.2, 3))
            chance.shuffle(documents)
            user.write("all.jsonl", documents)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            kills += 1
    user.memory("ingest", "all.jsonl")
    assert user.fact_count() == len(documents)
    assert user.memory("verify", "--evidence").code == Exit.OK
    (tmp_path / "other").mkdir()
    other = User(tmp_path / "other")
    other.write("all.jsonl", documents)
    other.memory("ingest", "all.jsonl")
    ours, theirs = _without_repository(user), _without_repository(other)
    assert [each["fact_id"] for each in ours] == [each["fact_id"] for each in theirs]
