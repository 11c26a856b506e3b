"""Brings a store's schema to the version that this daemon reads. Never back: a newer schema is refused.

A migration is a file `migrations/NNNN_<noun>.sql`. It sets `user_version` to its number and runs in one transaction,
so that a crash leaves the version before it.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from domed.faults import StartError


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema."""

    version: int
    name: str
    sql: str


def shipped() -> Sequence[Migration]:
    """The migrations of this daemon, in order."""
    scripts = sorted(files("domed.store").joinpath("migrations").iterdir(), key=lambda script: script.name)
    return [
        Migration(int(script.name[:4]), script.name, script.read_text(encoding="utf-8"))
        for script in scripts
        if script.name.endswith(".sql")
    ]


def migrate(connection: sqlite3.Connection, migrations: Sequence[Migration]) -> None:
    """Run the migrations that the store has not had. Raises StartError."""
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    known = migrations[-1].version
    if found > known:
        raise StartError(
            f"The store has the schema version {found}; this daemon knows versions up to {known}. "
            "Start the newer daemon that wrote it, or give this one another state directory."
        )
    for migration in migrations:
        if migration.version > found:
            _run(connection, migration)


def _run(connection: sqlite3.Connection, migration: Migration) -> None:
    try:
        connection.executescript("BEGIN IMMEDIATE;\n" + migration.sql + "\nCOMMIT;")
    except sqlite3.Error as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise StartError(
            f"The migration {migration.name} of the store failed: {error}. Nothing was changed."
        ) from error
