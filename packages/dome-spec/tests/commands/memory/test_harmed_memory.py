"""`dome memory` where its file is harmed or its disk full: told with a remedy, and nothing is lost or kept twice."""

import os
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from dome_contracts.exit_codes import Exit
from tests.memory_use import Use, filled, use, wrapper_bytes

__all__ = ["filled", "use"]

ASKED = (["capsules"], ["views", "recent-failures"], ["health"], ["verify"], ["rebuild"], ["ingest", "mixed.jsonl"])


@contextmanager
def files_at_most(size_bytes: int) -> Iterator[None]:
    """What a full disk does to whoever writes: a file takes no more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size_bytes", [0, 4_096, 150_000])
def test_an_ingest_that_finds_no_room_is_finished_by_the_same_command(
    use: Use, size_bytes: int, tmp_path: Path
) -> None:
    use.write("w.jsonl", *(wrapper_bytes(number) for number in range(40)), b"{broken")
    with files_at_most(size_bytes):
        refused = use("ingest", "w.jsonl", "--json")
    assert refused.code == Exit.PRECONDITION
    assert refused.error["remedy"]
    assert [path for path in tmp_path.rglob("*") if "writing" in path.name] == []
    told = use("ingest", "w.jsonl", "--json").document
    assert (told["documents"], told["accepted"], told["facts_new"]) == (41, 40, 41)
    assert use("verify", "--evidence").code == Exit.OK


def half(memory: Path) -> None:
    os.truncate(memory, memory.stat().st_size // 2)


def later(memory: Path) -> None:
    connection = sqlite3.connect(memory)
    connection.execute("PRAGMA user_version = 99")
    connection.close()


def without_an_index(memory: Path) -> None:
    with closing(sqlite3.connect(memory)) as connection:
        for name in ("capsule_latest", "failure_latest", "contribution_latest"):
            connection.execute(f"DROP INDEX {name}")


def test_a_memory_that_an_index_was_taken_from_is_told(filled: Use, tmp_path: Path) -> None:
    (memory,) = (tmp_path / "state").rglob("memory.sqlite")
    without_an_index(memory)
    for words in (["capsules"], ["views", "recent-failures"]):
        refused = filled(*words, "--json")
        assert (refused.code, refused.error["reason"], refused.out) == (Exit.INVALID, "STORE_DAMAGED", "")
        assert "no such index" in refused.err
        assert refused.error["remedy"]


def a_directory(memory: Path) -> None:
    memory.unlink()
    memory.mkdir()


@pytest.mark.parametrize(
    ("harm", "reason"), [(half, "STORE_DAMAGED"), (later, "STORE_FOREIGN"), (a_directory, "STORE_UNUSABLE")]
)
def test_a_memory_that_cannot_be_read_is_told_and_not_taken_for_none(
    filled: Use, harm: Callable[[Path], None], reason: str, tmp_path: Path
) -> None:
    (memory,) = (tmp_path / "state").rglob("memory.sqlite")
    harm(memory)
    for words in ASKED:
        refused = filled(*words, "--json")
        assert (refused.error["reason"], refused.out) == (reason, "")
        assert refused.error["remedy"]
