"""The bare mechanisms: what the same work costs where nothing is guaranteed. Each is a floor, not a competitor."""

import asyncio
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from benchmarks.figures import Contender, Role

CHILD: Final = Contender("asyncio subprocess, two pipes", Role.LIMIT, "nothing is kept")
COMMIT: Final = Contender("one SQLite FULL commit", Role.LIMIT, "durable")
CAT: Final = Contender("cat through a pipe to a file", Role.LIMIT, "nothing is numbered or synced")


async def child(*argv: str) -> None:
    """Run a program as asyncio does it, reading two pipes to their end."""
    process = await asyncio.create_subprocess_exec(
        *argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    await process.communicate()


async def cat(source: Path, target: Path) -> float:
    """Seconds that `cat source | cat > target` takes."""
    return await asyncio.to_thread(_cat, source, target)


def _cat(source: Path, target: Path) -> float:
    with target.open("wb") as out:
        began = time.perf_counter()
        with subprocess.Popen(["cat", str(source)], stdout=subprocess.PIPE) as reader:
            subprocess.run(["cat"], stdin=reader.stdout, stdout=out, check=True)
        return time.perf_counter() - began


@contextmanager
def commits(path: Path) -> Iterator[sqlite3.Connection]:
    """A database with one table, in WAL with synchronous FULL, for `commit`."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE fact (id INTEGER PRIMARY KEY, data BLOB NOT NULL)")
        yield connection


def commit(connection: sqlite3.Connection, data: bytes) -> float:
    """Seconds that one durable row takes."""
    began = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO fact (data) VALUES (?)", (data,))
    connection.execute("COMMIT")
    return time.perf_counter() - began
