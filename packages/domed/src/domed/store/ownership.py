"""Whose a database file is: its mode, and whether it is a store of ours. A file of anybody else is left as it is."""

import os
import sqlite3
from pathlib import Path
from typing import Final

from domed.faults import StartError

APPLICATION_ID: Final = 0x646F6D65
"""What the first migration writes into the file: "dome"."""
_MAGIC: Final = b"SQLite format 3\0"
_REMEDY: Final = "Move it away, or give the daemon another state directory."


def make_private(path: Path) -> None:
    """Make the file for its owner only. Raises StartError for one that holds something else than a database.

    Before SQLite opens it, because the files beside it get the mode of this one.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if os.read(descriptor, len(_MAGIC)) not in {b"", _MAGIC}:
            raise StartError(f"The store {path} cannot be opened: it is no SQLite database. {_REMEDY}")
        os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


def check_ours(connection: sqlite3.Connection, path: Path) -> None:
    """Raises StartError for a database of another program. An empty one is nobody's yet."""
    (found,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if found != APPLICATION_ID and (found or tables):
        raise StartError(
            f"The store {path} cannot be opened: it is a database of another program "
            f"(application id {found:#x}, a store has {APPLICATION_ID:#x}). {_REMEDY}"
        )
