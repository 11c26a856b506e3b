"""What only a file can show: facts are never changed, rules are followed, a kill leaves what was before or after."""

import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

import pytest

from dome_contracts.canonical import canonical_bytes
from dome_contracts.schema.knowledge.fact import Fact
from dome_spec.binding import Checkpoint, Memory, Policy, bind, default_policy, open_memory
from dome_spec.kernel.sqlite import StoreDamaged, StoreUnusable
from tests.histories import (
    STORE,
    a_failure,
    a_member,
    a_policy,
    a_run,
    a_success,
    a_task,
    a_verdict,
    an_evaluation,
)

POLICY = a_policy()
WAIT_S = 60.0
STOPS_AT = 1_100
"""Beyond what is looked up at a time, so that facts are in the transaction already."""
APPENDS = """
import json, sys
from pathlib import Path
from dome_contracts.schema.knowledge.fact import Fact
from dome_spec.binding import Checkpoint, default_policy, open_memory

store, stops_at = sys.argv[3], int(sys.argv[4])
memory = open_memory(Path(sys.argv[1]), default_policy())

def told(piece):
    for number, value in enumerate(piece):
        if number == stops_at:
            print("MIDDLE", flush=True)
            sys.stdin.readline()
        yield Fact.from_value(value)

for number, piece in enumerate(json.loads(Path(sys.argv[2]).read_text()), 1):
    memory.append(told(piece), checkpoint=Checkpoint(store, number))
    print(number, flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "memory.sqlite"


@contextmanager
def files_at_most(size_bytes: int) -> Iterator[None]:
    """What a full disk does to whoever writes: a file takes no more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def appended(path: Path | None, told: list[Fact], policy: Policy = POLICY) -> Memory:
    memory = open_memory(path, policy)
    memory.append(told)
    return memory


def history(count: int) -> list[Fact]:
    told: list[Fact] = []
    for number in range(count):
        story = a_failure if number % 3 == 0 else a_success
        told += story(number % 5, number // 5, 1 + number % 4, second=number)
    return told


def test_a_fact_is_never_changed_and_never_removed(path: Path) -> None:
    appended(path, [a_run()]).close()
    with closing(sqlite3.connect(path)) as connection:
        for statement in ("UPDATE fact SET occur_us = 0", "DELETE FROM fact"):
            with pytest.raises(sqlite3.IntegrityError, match="never"):
                connection.execute(statement)


def by_another_derivation(path: Path) -> None:
    """As if an earlier program had derived: with its name of the rules, and with another answer."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE derivation SET rules = 'sha256:another'")
        connection.execute("UPDATE contribution SET result = 2")
        connection.execute("UPDATE capsule SET support_count = 99")
        connection.commit()


def test_what_another_derivation_made_is_derived_anew_when_it_is_opened(path: Path) -> None:
    with closing(appended(path, history(30))) as memory:
        derived = memory.derived()
    by_another_derivation(path)
    with closing(open_memory(path, POLICY)) as memory:
        assert memory.derived() == derived
        assert memory.verify().holds


def test_what_cannot_be_derived_anew_is_told_with_what_to_do(path: Path) -> None:
    appended(path, history(30)).close()
    by_another_derivation(path)
    with files_at_most(40_000), pytest.raises(StoreUnusable, match=r"derived by other rules.*`dome memory rebuild`"):
        open_memory(path, POLICY)
    with closing(open_memory(path, POLICY)) as memory:
        assert memory.verify().holds


def test_what_is_kept_is_there_when_it_is_opened_again(path: Path) -> None:
    told = history(30)
    with closing(appended(path, told)) as memory:
        derived, digest = memory.derived(), memory.snapshot_digest()
    with closing(open_memory(path, POLICY)) as memory:
        assert (memory.derived(), memory.snapshot_digest()) == (derived, digest)
        assert memory.verify().holds


def test_only_its_user_can_read_the_file(path: Path) -> None:
    appended(path, []).close()
    assert path.stat().st_mode & 0o077 == 0


def test_other_rules_derive_anew_when_the_file_is_opened(path: Path) -> None:
    told = [a_task()]
    appended(path, told, a_policy(mode="strict")).close()
    with closing(open_memory(path, a_policy(mode="lenient"))) as memory:
        assert memory.derived() == bind(told, a_policy(mode="lenient"))
        assert len(memory.contributions()) == 1


def test_other_judgement_derives_nothing_anew(path: Path) -> None:
    with closing(appended(path, history(10), a_policy(stage="shadow"))) as memory:
        shadow = memory.snapshot_digest()
    with closing(open_memory(path, a_policy(stage="prescriptive"))) as memory:
        assert memory.snapshot_digest() == shadow


def test_another_binder_version_derives_beside_the_first(path: Path) -> None:
    told, other = history(20), a_policy(binder="v2")
    appended(path, told).close()
    with closing(open_memory(path, other, binder_versions=frozenset({"v1", "v2"}))) as memory:
        assert memory.derived() == bind(told, other)
        memory.append(history(25))
    with closing(sqlite3.connect(path)) as connection:
        versions = connection.execute("SELECT binder_version, count(*) FROM capsule GROUP BY 1").fetchall()
    assert [version for version, _ in versions] == ["v1", "v2"]
    with closing(open_memory(path, POLICY)) as memory:
        assert memory.derived() == bind(history(25), POLICY)


def test_a_binder_version_that_this_program_does_not_have_is_refused(path: Path) -> None:
    from dome_spec.binding import PolicyUnfit

    with pytest.raises(PolicyUnfit):
        open_memory(path, a_policy(binder="v2"))


def test_a_count_that_was_meddled_with_is_found_and_mended(path: Path) -> None:
    with closing(appended(path, history(20))) as memory:
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE capsule SET support_count = support_count + 1")
        (problem,) = memory.verify().problems
        assert problem.startswith("tallies:")
        memory.rebuild()
        assert memory.verify().holds


MEDDLED = """
UPDATE attempt SET status = 'SUCCEEDED', failure = 'NONE'
DELETE FROM attempt WHERE number = 1
DELETE FROM wrapping
UPDATE wrapping SET proofs = '[]'
DELETE FROM member
UPDATE run SET mode = 'strict'
DELETE FROM fingerprint
DELETE FROM verdict
DELETE FROM refusal
UPDATE snapshot SET fact_count = 3
UPDATE snapshot SET latest_us = 0
DELETE FROM mv_guard_denials_by_policy_reason_code
"""


@pytest.mark.parametrize("meddled", MEDDLED.strip().splitlines())
def test_whatever_is_not_a_fact_is_derived_from_the_facts_again(path: Path, meddled: str) -> None:
    told = [a_run(), a_member(), a_verdict(), an_evaluation(), *history(20)]
    with closing(appended(path, told)) as memory:
        digest = memory.snapshot_digest()
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(meddled)
        assert memory.verify().problems != ()
        assert memory.rebuild() == len(told)
        assert memory.verify().problems == ()
        assert (memory.derived(), memory.snapshot_digest()) == (bind(told, POLICY), digest)


def test_a_fact_that_was_damaged_on_disk_is_named(path: Path) -> None:
    told = history(3)
    with closing(appended(path, told)) as memory:
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("DROP TRIGGER fact_is_never_changed")
            connection.execute("UPDATE fact SET document = ? WHERE fact_id = ?", (b"{", told[0].fact_id))
        assert f"fact {told[0].fact_id}: its document cannot be read" in memory.verify().problems
        for ask in (memory.facts, memory.rebuild):
            with pytest.raises(StoreDamaged):
                ask()


def test_a_fact_that_was_slipped_in_is_found(path: Path) -> None:
    told = a_run()
    with closing(appended(path, history(3))) as memory:
        with closing(sqlite3.connect(path)) as connection, connection:
            row = (told.fact_id, "run", 0, told.to_json())
            connection.execute("INSERT INTO fact (fact_id, kind, occur_us, document) VALUES (?, ?, ?, ?)", row)
        assert not memory.verify().holds


def test_an_append_that_fails_leaves_nothing_behind(path: Path) -> None:
    class Broken(Exception):
        pass

    def told() -> Iterator[Fact]:
        yield from history(5)
        raise Broken

    with closing(appended(path, [a_run()])) as memory:
        digest = memory.snapshot_digest()
        with pytest.raises(Broken):
            memory.append(told(), checkpoint=Checkpoint(STORE, 5))
        assert memory.snapshot_digest() == digest
        assert memory.checkpoint(STORE) is None
        assert memory.contributions() == ()


def test_two_that_write_the_same_file_lose_nothing_and_count_nothing_twice(path: Path) -> None:
    told = history(40)
    with closing(open_memory(path, POLICY)) as one, closing(open_memory(path, POLICY)) as other:
        for start in range(0, len(told), 8):
            one.append(told[start : start + 6])
            other.append(told[start + 2 : start + 8])
        assert one.derived() == other.derived() == bind(told, POLICY)
        assert one.verify().holds


@contextmanager
def appending(path: Path, pieces: Sequence[Sequence[Fact]]) -> Iterator[IO[str]]:
    """What a process says that appends piece by piece, and is killed at the end of the block."""
    given = path.with_name("facts.json")
    given.write_bytes(canonical_bytes([[fact.to_value() for fact in piece] for piece in pieces]))
    command = [sys.executable, "-c", APPENDS, str(path), str(given), STORE, str(STOPS_AT)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout
    finally:
        process.kill()
        process.communicate(timeout=WAIT_S)
    assert process.returncode == -signal.SIGKILL


def test_a_kill_in_the_middle_of_an_append_leaves_what_was_before(path: Path) -> None:
    told, policy = history(700), default_policy()
    before = told[:100]
    with appending(path, [before, told[100:]]) as said:
        assert [said.readline().strip() for _ in range(2)] == ["1", "MIDDLE"]
    with closing(open_memory(path, policy)) as memory:
        assert memory.checkpoint(STORE) == 1
        assert memory.derived() == bind(before, policy)
        assert memory.verify().holds
        # Telling all of it again completes the rest, and counts nothing twice.
        assert memory.append(told).known == len(before)
        assert memory.derived() == bind(told, policy)


@pytest.mark.slow
def test_kills_at_any_moment_lose_nothing_that_was_acknowledged(path: Path) -> None:
    told, policy = history(800), default_policy()
    pieces = [told[start : start + 20] for start in range(0, len(told), 20)]
    for acknowledged in (1, 2, 3, 5, 8, 13, 21, 34):
        with appending(path, pieces) as said:
            last = [said.readline().strip() for _ in range(acknowledged)][-1]
        with closing(open_memory(path, policy)) as memory:
            reached = memory.checkpoint(STORE)
            assert reached is not None
            assert reached >= int(last)
            assert memory.derived() == bind(told[: reached * 20], policy)
