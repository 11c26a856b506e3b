"""What a store of missions says where its file is not as it was left: a full disk, other bytes, no right to write."""

import os
import resource
import signal
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dome_contracts.schema.missions.status_event import NoteAdded
from dome_spec.kernel import Refusal
from dome_spec.kernel.sqlite import StoreDamaged, StoreUnusable
from dome_spec.missions.status import MissionStatus
from dome_spec.missions.store import open_missions, read_missions
from tests.missions_made import ADA, begun, ids, loaded
from tests.racing import raced

NOBODY = 65_534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with a mission."""
    made = tmp_path / "missions.sqlite"
    store = open_missions(made)
    begun(store)
    store.close()
    return made


def noted(path: Path) -> MissionStatus:
    """The mission with a note that is not saved yet."""
    status = loaded(open_missions(path), maker=ids(50_000))
    status.state("WP01", NoteAdded(kind="note_added", text="So it is. " * 1_000), ADA)
    return status


def read(path: Path) -> MissionStatus:
    reader = read_missions(path)
    assert reader is not None
    return loaded(reader)


def refusal_of(work: Callable[[], object]) -> dict[str, str]:
    """What a process of its own is refused with."""
    try:
        work()
    except Refusal as refused:
        return {"code": refused.code, "what": refused.what, "why": refused.why, "hint": refused.hint}
    return {"code": ""}


def test_a_disk_that_is_full_is_told_and_nothing_of_the_batch_is_kept(path: Path) -> None:
    before = path.read_bytes()

    def without_room() -> Callable[[], object]:
        status = noted(path)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before), len(before)))
        return lambda: refusal_of(status.save)

    (told,) = raced([without_room])
    assert (told["code"], bool(told["why"]), bool(told["hint"])) == ("STORE_UNUSABLE", True, True)
    assert read(path).package("WP01").version == 1
    noted(path).save()
    assert read(path).package("WP01").version == 2


@pytest.fixture
def shown(path: Path) -> Iterator[Path]:
    """The store where everybody may read it, and nobody but its owner write."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        made = Path(folder) / "missions.sqlite"
        made.write_bytes(path.read_bytes())
        made.chmod(0o444)
        yield made


def test_who_may_only_read_reads_and_is_told_so_who_writes(shown: Path) -> None:
    def as_nobody(work: Callable[[], object]) -> Callable[[], Callable[[], object]]:
        def become() -> Callable[[], object]:
            if os.geteuid() == 0:
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            return work

        return become

    before = {each.name: each.read_bytes() for each in shown.parent.iterdir()}
    version, refused = raced(
        [
            as_nobody(lambda: read(shown).package("WP01").version),
            as_nobody(lambda: refusal_of(lambda: noted(shown).save())),
        ]
    )
    assert version == 1
    assert (refused["code"], bool(refused["hint"])) == ("STORE_UNUSABLE", True)
    assert {each.name: each.read_bytes() for each in shown.parent.iterdir()} == before


@pytest.mark.parametrize("length", [50, 100, 1_024, 4_096, 0.5])
def test_a_file_that_was_cut_off_is_damaged_for_who_reads_and_for_who_writes(path: Path, length: float) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: int(length if length > 1 else len(data) * length)])
    cut = path.read_bytes()
    for opening in (read, noted):
        with pytest.raises(StoreDamaged) as refused:
            opening(path)
        assert refused.value.hint
    assert path.read_bytes() == cut


def altered(path: Path, statement: str) -> None:
    """Change the file as no command of Dome does."""
    other = sqlite3.connect(path, isolation_level=None)
    for name in ("event_is_kept", "event_is_fixed"):
        other.execute(f"DROP TRIGGER {name}")
    other.execute(statement)
    other.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET body = substr(body, 1, 40)",
        "UPDATE event SET body = CAST('{}' AS BLOB)",
        "UPDATE document SET body = CAST('{}' AS BLOB)",
        "UPDATE document SET body = CAST(replace(CAST(body AS TEXT), 'Tried', 'Other') AS BLOB)",
    ],
)
def test_bytes_that_were_changed_behind_the_stores_back_are_told(path: Path, statement: str) -> None:
    altered(path, statement)
    with pytest.raises(StoreDamaged) as refused:
        read(path)
    assert (bool(refused.value.why), "dome mission import" in refused.value.hint) == (True, True)


@pytest.mark.parametrize("statement", ["DELETE FROM event", "UPDATE event SET body = x''"])
def test_what_was_kept_is_never_removed_or_changed_by_a_statement(path: Path, statement: str) -> None:
    other = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="events are never"):
        other.execute(statement)
    other.close()
    assert len(read(path).history("WP01")) == 1


def test_a_directory_in_the_place_of_the_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "missions.sqlite").mkdir()
    for opening in (open_missions, read_missions):
        with pytest.raises(StoreUnusable):
            opening(tmp_path / "missions.sqlite")


def test_documents_that_are_missing_are_told_with_a_way_on(path: Path) -> None:
    altered(path, "DELETE FROM document")
    with pytest.raises(Refusal, match="is missing") as refused:
        read(path)
    assert refused.value.hint
