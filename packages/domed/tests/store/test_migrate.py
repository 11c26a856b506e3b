"""The schema goes forward, in whole steps."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from domed.faults import StartError
from domed.store.migrate import Migration, migrate, shipped

ONE = Migration(1, "0001_a.sql", "PRAGMA user_version = 1; CREATE TABLE a (x INTEGER);")
TWO = Migration(2, "0002_b.sql", "PRAGMA user_version = 2; CREATE TABLE b (x INTEGER);")
BROKEN = Migration(2, "0002_b.sql", "PRAGMA user_version = 2; CREATE TABLE b (x INTEGER); CREATE TABLE a (x INTEGER);")


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        yield connection


def tables(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}


def version(connection: sqlite3.Connection) -> int:
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    return int(found)


def test_each_migration_runs_once(connection: sqlite3.Connection) -> None:
    migrate(connection, [ONE])
    migrate(connection, [ONE, TWO])
    migrate(connection, [ONE, TWO])
    assert (version(connection), tables(connection)) == (2, {"a", "b"})


def test_a_migration_that_fails_leaves_the_version_before_it(connection: sqlite3.Connection) -> None:
    with pytest.raises(StartError, match=r"0002_b\.sql .* failed: table a already exists"):
        migrate(connection, [ONE, BROKEN])
    assert (version(connection), tables(connection)) == (1, {"a"})


def test_a_newer_schema_is_refused_with_both_versions(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA user_version = 7")
    with pytest.raises(StartError, match="version 7; this daemon knows versions up to 2"):
        migrate(connection, [ONE, TWO])


def test_shipped_migrations_count_from_1_and_set_the_version_of_their_name(connection: sqlite3.Connection) -> None:
    migrations = shipped()
    assert [each.version for each in migrations] == list(range(1, len(migrations) + 1))
    for count in range(1, len(migrations) + 1):
        migrate(connection, migrations[:count])
        assert version(connection) == count


def test_shipped_tables_are_strict(connection: sqlite3.Connection) -> None:
    migrate(connection, shipped())
    rows = connection.execute("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'")
    assert [name for name, strict in rows if not strict and not name.startswith("sqlite_")] == []
