"""Reading leaves everything as it was, and a killed writer leaves a state before or after."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from dome_spec.kernel.sqlite import StoreForeign
from dome_spec.missions.store import open_missions, read_missions
from tests.missions_made import MISSION_ID, begun, loaded, move

_WRITER = """
import sys
from pathlib import Path
from dome_spec.missions.store import open_missions
from tests.missions_made import begun, move, loaded, ids
store = open_missions(Path(sys.argv[1]))
number = int(sys.argv[2])
while True:
    number += 10
    status = loaded(store, maker=ids(number))
    move(status, "release" if status.lane("WP01").value == "claimed" else "claim")
    status.save()
    print(status.package("WP01").version, flush=True)
"""


def _state(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {each.name: (each.read_bytes(), each.stat().st_mtime_ns) for each in folder.iterdir()}


def test_property_11_reading_leaves_every_byte_and_time_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "missions.sqlite"
    writer = open_missions(path)
    begun(writer)
    writer.close()
    before, folder = _state(tmp_path), tmp_path.stat().st_mtime_ns
    reader = read_missions(path)
    assert reader is not None
    assert len(reader.events(MISSION_ID)) == 3
    assert [each.slug for each in reader.missions()] == ["tried"]
    reader.close()
    assert (_state(tmp_path), tmp_path.stat().st_mtime_ns) == (before, folder)


def test_where_there_is_no_store_reading_makes_none(tmp_path: Path) -> None:
    assert read_missions(tmp_path / "missions.sqlite") is None
    assert list(tmp_path.iterdir()) == []


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    path = tmp_path / "missions.sqlite"
    begun(open_missions(path))
    reader = read_missions(path)
    assert reader is not None
    status = loaded(reader)
    move(status, "claim")
    with pytest.raises(Exception, match="cannot be opened"):
        status.save()


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "missions.sqlite"
    other = sqlite3.connect(path)
    other.execute("PRAGMA application_id = 7")
    other.close()
    with pytest.raises(StoreForeign):
        read_missions(path)


@pytest.mark.parametrize("nth", range(3))
def test_property_08_a_killed_writer_leaves_the_state_before_or_after(tmp_path: Path, nth: int) -> None:
    path = tmp_path / "missions.sqlite"
    begun(open_missions(path))
    command = [sys.executable, "-c", _WRITER, str(path), str(100_000 * (nth + 1))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": os.getcwd()}) as writer:
        assert writer.stdout is not None
        seen = [int(writer.stdout.readline()) for _ in range(3 + nth)]
        writer.send_signal(signal.SIGKILL)
        seen += [int(line) for line in writer.stdout.read().split()]
    reader = read_missions(path)
    assert reader is not None
    version = loaded(reader).package("WP01").version
    assert version in {seen[-1], seen[-1] + 1}
