"""Files that are there as a whole or not at all."""

import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dome_spec.kernel.durable import create_file, make_directory, replace_file, sweep, write_beside


def test_a_file_is_replaced_in_one_step_and_nothing_is_left_beside(tmp_path: Path) -> None:
    path = tmp_path / "note"
    replace_file(path, b"one")
    replace_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_is_there_is_not_made_again(tmp_path: Path) -> None:
    path = tmp_path / "note"
    assert create_file(path, b"first")
    assert not create_file(path, b"second")
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


def test_a_writer_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"half"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_beside(tmp_path / "note", chunks())
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_writer_left_is_swept_once_it_is_old(tmp_path: Path) -> None:
    left = write_beside(tmp_path / "note", (b"half",))
    replace_file(tmp_path / "kept", b"whole")
    assert sweep(tmp_path, older_than=datetime.now(UTC) - timedelta(days=1)) == 0
    assert left.exists()
    assert sweep(tmp_path, older_than=datetime.now(UTC) + timedelta(days=1)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_directories_are_for_this_user_alone(tmp_path: Path) -> None:
    make_directory(tmp_path / "a" / "b")
    make_directory(tmp_path / "a" / "b")
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700
