"""The store as a file, and who holds it. Never opened as a database: the daemon alone does that."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dome_client.doctor.finding import Finding, problem, warning, well
from dome_client.doctor.scene import Scene, daemon_package
from dome_client.service import state_holder

_MAGIC: Final = b"SQLite format 3\0"
_VERSION_AT: Final = 60
"""Where a database has the number of its schema, four bytes of it, the most significant first."""
_HEADER_BYTES: Final = 100


def version(scene: Scene) -> Iterator[Finding]:
    """Whether the daemon beside this client reads the store that is there."""
    file = scene.state / "domed.sqlite"
    try:
        with file.open("rb") as store:
            header = store.read(_HEADER_BYTES)
    except FileNotFoundError:
        yield well("there is none yet")
        return
    except OSError as error:
        yield problem(f"{file} cannot be read: {error.strerror}", why=_NO_START, repair=f"`chmod 600 {file}`")
        return
    if header and not header.startswith(_MAGIC):
        yield problem(f"{file} is no store", why=_NO_START, repair="Move it away; look what put it there.")
        return
    found = int.from_bytes(header[_VERSION_AT : _VERSION_AT + 4])
    known = _known_version()
    if known is not None and found > known:
        yield problem(
            f"{file} has the schema version {found}; the daemon here knows versions up to {known}",
            why="A newer daemon wrote it, and an older one does not touch what it does not know.",
            repair="Install the newer domed again, or set XDG_STATE_HOME to another directory.",
        )
    elif known is not None and found < known and _has_log(file):
        yield well(f"schema version {found} or later: what was written last is still in the log beside it")
    elif known is not None and found < known:
        yield well(f"schema version {found}; the next daemon brings it to {known}")
    else:
        yield well(f"schema version {found}")


def instance(scene: Scene) -> Iterator[Finding]:
    """Whether the daemon of this state is the one that the endpoint leads to."""
    holder = state_holder(scene.environ)
    if holder is None:
        yield well("no daemon holds the state directory")
        return
    pid, socket_path = holder[0].pid, holder[1]
    if scene.endpoint.path in ("", socket_path) or scene.endpoint.explicit:
        yield well(f"process {pid} holds the state directory")
        return
    yield warning(
        f"process {pid} holds the state directory and listens on {socket_path}, not on {scene.endpoint.path}",
        why="No daemon can be started for this shell while it runs: one state has one daemon.",
        repair=f"Use that one (`export DOMED_ENDPOINT=unix:{socket_path}`), or end it with `kill {pid}`.",
    )


def _has_log(store: Path) -> bool:
    """Whether something was written that SQLite has not yet brought into the file."""
    try:
        return store.with_name(f"{store.name}-wal").stat().st_size > 0
    except OSError:
        return False


def _known_version() -> int | None:
    """The newest schema that the daemon beside this client knows. None where none is installed."""
    package = daemon_package()
    if package is None:
        return None
    scripts = Path(package, "store", "migrations").glob("[0-9][0-9][0-9][0-9]_*.sql")
    return max((int(script.name[:4]) for script in scripts), default=None)


_NO_START: Final = "The daemon does not start without its store."
