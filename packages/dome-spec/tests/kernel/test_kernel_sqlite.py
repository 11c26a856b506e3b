"""How a store's file is opened, and what its transactions promise."""

import sqlite3
import stat
from pathlib import Path

import pytest

from dome_spec.kernel import Refusal
from dome_spec.kernel.sqlite import (
    Journal,
    StoreBusy,
    StoreDamaged,
    StoreForeign,
    StoreUnusable,
    open_database,
    open_read_only,
    open_unwritable,
    reading,
    told,
    writing,
)

KIND = 0x646F6D65
FIRST = "CREATE TABLE word (text TEXT NOT NULL) STRICT;\nINSERT INTO word (text) VALUES ('a;b');\n"
SECOND = "-- a column more\nALTER TABLE word ADD COLUMN size INTEGER;"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "words.sqlite"


def words(path: Path | None, migrations: list[str]) -> list[str]:
    connection = open_database(path, migrations, application_id=KIND)
    try:
        return [str(text) for (text,) in connection.execute("SELECT text FROM word ORDER BY text")]
    finally:
        connection.close()


def test_each_migration_is_done_once(path: Path) -> None:
    assert words(path, [FIRST]) == ["a;b"]
    assert words(path, [FIRST, SECOND]) == ["a;b"]
    assert words(path, [FIRST, SECOND]) == ["a;b"]


def test_the_file_is_for_this_user_alone(path: Path) -> None:
    words(path, [FIRST])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_store_without_a_path_is_in_memory() -> None:
    assert words(None, [FIRST]) == ["a;b"]


def test_a_newer_store_and_another_kind_are_refused(path: Path) -> None:
    words(path, [FIRST, SECOND])
    with pytest.raises(StoreForeign, match="newer"):
        words(path, [FIRST])
    with pytest.raises(StoreForeign, match="something else") as other:
        open_database(path, [FIRST, SECOND], application_id=KIND + 1)
    assert "Move it away" in other.value.hint


def test_a_failed_migration_leaves_nothing_behind(path: Path) -> None:
    with pytest.raises(Exception, match="no such table"):
        words(path, [FIRST, "CREATE TABLE other (x INTEGER); INSERT INTO missing VALUES (1);"])
    assert words(path, [FIRST]) == ["a;b"]


def test_what_is_no_database_is_told(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database at all, but long enough to be taken for one" * 40)
    with pytest.raises(StoreDamaged) as refused:
        words(path, [FIRST])
    assert all((refused.value.what, refused.value.why, "take in again" in refused.value.hint))


def test_a_directory_in_the_place_of_the_file_is_told(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(StoreUnusable) as refused:
        words(path, [FIRST])
    assert all((refused.value.what, refused.value.why, "read and write" in refused.value.hint))


def test_a_transaction_is_whole_or_nothing(path: Path) -> None:
    connection = open_database(path, [FIRST], application_id=KIND)
    with pytest.raises(ZeroDivisionError), writing(connection):
        connection.execute("INSERT INTO word (text) VALUES ('b')")
        raise ZeroDivisionError
    with writing(connection):
        connection.execute("INSERT INTO word (text) VALUES ('c')")
    connection.close()
    assert words(path, [FIRST]) == ["a;b", "c"]


def test_what_is_read_in_one_snapshot_belongs_together(path: Path) -> None:
    one, other = (open_database(path, [FIRST], application_id=KIND) for _ in range(2))
    with reading(one):
        before = one.execute("SELECT count(*) FROM word").fetchone()
        with writing(other):
            other.execute("INSERT INTO word (text) VALUES ('d')")
        assert one.execute("SELECT count(*) FROM word").fetchone() == before
    assert one.execute("SELECT count(*) FROM word").fetchone() == (2,)
    one.close()
    other.close()


def test_a_defect_of_a_statement_is_no_refusal(path: Path) -> None:
    connection = open_database(path, [FIRST], application_id=KIND)
    with pytest.raises(Exception, match="syntax error") as raised, told(path):
        connection.execute("SELEKT 1")
    assert not isinstance(raised.value, Refusal)
    connection.close()


def test_a_database_of_another_program_is_left_as_it_is(path: Path) -> None:
    path.parent.mkdir()
    for version in (0, 1):
        other = sqlite3.connect(path)
        other.execute("CREATE TABLE IF NOT EXISTS theirs (x INTEGER)")
        other.execute(f"PRAGMA user_version = {version}")
        other.commit()
        other.close()
        for opening in (open_database, open_read_only):
            with pytest.raises(StoreForeign):
                opening(path, [FIRST], application_id=KIND)


def test_a_file_that_was_made_and_never_filled_is_no_store_for_a_reader(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    with pytest.raises(FileNotFoundError):
        open_read_only(path, [FIRST], application_id=KIND)
    assert words(path, [FIRST]) == ["a;b"]


def test_a_reader_brings_a_file_of_an_earlier_form_up_to_date(path: Path) -> None:
    open_database(path, [FIRST], application_id=KIND, journal=Journal.ROLLBACK).close()
    reader = open_read_only(path, [FIRST, SECOND], application_id=KIND)
    assert reader.execute("SELECT size FROM word").fetchall() == [(None,)]
    reader.close()


def test_a_commit_that_fails_keeps_no_lock(path: Path) -> None:
    writer = open_database(path, [FIRST], application_id=KIND, journal=Journal.ROLLBACK)
    writer.execute("PRAGMA busy_timeout = 1")
    reader = open_read_only(path, [FIRST], application_id=KIND)
    reader.execute("BEGIN")
    reader.execute("SELECT text FROM word").fetchall()
    with pytest.raises(StoreBusy), told(path), writing(writer):
        writer.execute("INSERT INTO word (text) VALUES ('b')")
    assert not writer.in_transaction
    reader.execute("COMMIT")
    with writing(writer):
        writer.execute("INSERT INTO word (text) VALUES ('c')")
    assert [text for (text,) in reader.execute("SELECT text FROM word ORDER BY text")] == ["a;b", "c"]
    writer.close()
    reader.close()


def test_what_a_killed_writer_had_begun_is_taken_back_before_somebody_reads(path: Path) -> None:
    writer = open_database(path, [FIRST], application_id=KIND, journal=Journal.ROLLBACK)
    writer.execute("PRAGMA cache_spill = 1")
    writer.execute("PRAGMA cache_size = 1")
    writer.execute("BEGIN IMMEDIATE")
    for _ in range(2_000):  # more than the cache holds: the file is written before the commit
        writer.execute("INSERT INTO word (text) VALUES (hex(randomblob(200)))")
    torn = path.parent / "torn.sqlite"
    torn.write_bytes(path.read_bytes())
    Path(f"{torn}-journal").write_bytes(Path(f"{path}-journal").read_bytes())
    writer.execute("ROLLBACK")
    writer.close()
    reader = open_read_only(torn, [FIRST], application_id=KIND)
    assert reader.execute("SELECT text FROM word").fetchall() == [("a;b",)]
    reader.close()
    assert not Path(f"{torn}-journal").exists()


def test_a_store_that_can_be_written_is_not_read_without_its_locks(path: Path) -> None:
    words(path, [FIRST])
    with pytest.raises(StoreUnusable):
        open_unwritable(path, [FIRST], application_id=KIND)
