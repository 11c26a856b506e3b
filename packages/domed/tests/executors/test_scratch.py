"""The scratch directory: private, empty, and gone afterwards whatever the run did to it."""

import stat
from pathlib import Path

import pytest

from domed.executors import scratch


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "state" / "scratch" / "job-1"


def test_it_is_private_and_empty(directory: Path) -> None:
    scratch.make(directory)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert list(directory.iterdir()) == []


def test_one_that_was_left_is_replaced(directory: Path) -> None:
    (directory / "old").mkdir(parents=True)
    scratch.make(directory)
    assert list(directory.iterdir()) == []


def test_a_root_that_is_no_directory_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError):
        scratch.make(tmp_path / "file" / "job-1")


def test_it_is_removed_with_what_it_holds(directory: Path) -> None:
    scratch.make(directory)
    (directory / "a" / "b").mkdir(parents=True)
    (directory / "a" / "file").write_text("")
    scratch.remove(directory)
    assert not directory.exists()


def test_one_with_closed_directories_is_removed_and_links_are_not_followed(directory: Path, tmp_path: Path) -> None:
    kept = tmp_path / "outside" / "kept"
    kept.mkdir(parents=True)
    scratch.make(directory)
    (directory / "a" / "b").mkdir(parents=True)
    (directory / "a" / "b" / "file").write_text("")
    (directory / "a" / "link").symlink_to(kept.parent)
    for closed, mode in ((directory / "a" / "b", 0o500), (directory / "a", 0o500), (directory, 0)):
        closed.chmod(mode)
    scratch.remove(directory)
    assert not directory.exists()
    assert kept.is_dir()


def test_one_that_is_gone_is_no_fault(directory: Path, caplog: pytest.LogCaptureFixture) -> None:
    scratch.remove(directory)
    assert caplog.records == []
