"""A tool names a file; only a regular file below the directories of its run is opened."""

import os
import socket
from pathlib import Path

import pytest

from domed.artifacts.unkept import NotKept, UnkeptKind
from domed.artifacts.workplace import Workplace


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    for name in ("work", "state/scratch/job", "outside"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "outside" / "secret").write_text("secret")
    return Workplace(tmp_path / "work", tmp_path / "state/scratch/job")


def content(place: Workplace, path: str | Path) -> bytes:
    descriptor = place.open(str(path))
    try:
        return os.read(descriptor, 100)
    finally:
        os.close(descriptor)


def refusal(place: Workplace, path: str | Path) -> str:
    with pytest.raises(NotKept) as caught:
        place.open(str(path))
    assert caught.value.unkept.kind is UnkeptKind.INVALID
    return caught.value.unkept.message


def test_files_of_both_directories_are_opened(place: Workplace) -> None:
    for directory in (place.directory, place.scratch):
        (directory / "a" / "b").mkdir(parents=True)
        (directory / "a" / "b" / "file").write_text(directory.name)
        assert content(place, directory / "a" / "b" / "file") == directory.name.encode()


def test_a_relative_path_begins_where_the_program_was_started(place: Workplace) -> None:
    (place.directory / "sub").mkdir()
    (place.directory / "file").write_text("here")
    assert content(place, "file") == content(place, "./sub/../file") == b"here"


def test_a_directory_may_be_called_by_another_name_of_its_own(tmp_path: Path, place: Workplace) -> None:
    (place.scratch / "file").write_text("found")
    (tmp_path / "link").symlink_to(tmp_path / "state")
    linked = Workplace(place.directory, tmp_path / "link" / "scratch" / "job")
    # What its environment says, and what the program finds when it asks where it is.
    assert content(linked, linked.scratch / "file") == content(linked, place.scratch / "file") == b"found"


def test_a_name_that_is_no_text_is_a_name(place: Workplace) -> None:
    path = os.fsencode(place.directory) + b"/\xff"
    Path(os.fsdecode(path)).write_text("odd")
    assert content(place, os.fsdecode(path)) == b"odd"


@pytest.mark.parametrize("path", ["/etc/passwd", "../outside/secret", "a/../../outside/secret", "../work2/x", ""])
def test_a_way_out_is_refused(place: Workplace, path: str) -> None:
    assert "lies neither in" in refusal(place, path) or "is a directory of the run" in refusal(place, path)


def test_a_tool_that_declares_to_read_nothing_hands_over_its_scratch_files_only(place: Workplace) -> None:
    (place.directory / "file").write_text("not its business")
    (place.scratch / "file").write_text("its own")
    reading_nothing = Workplace(place.directory, place.scratch, reads_directory=False)
    assert content(reading_nothing, place.scratch / "file") == b"its own"
    assert "declares to read nothing else" in refusal(reading_nothing, "file")


def test_a_sibling_whose_name_begins_the_same_is_outside(tmp_path: Path, place: Workplace) -> None:
    (tmp_path / "work-of-others").mkdir()
    (tmp_path / "work-of-others" / "file").write_text("x")
    assert "lies neither" in refusal(place, tmp_path / "work-of-others" / "file")


def test_a_link_is_refused_wherever_it_leads(tmp_path: Path, place: Workplace) -> None:
    (place.directory / "real").write_text("real")
    (place.directory / "out").symlink_to(tmp_path / "outside" / "secret")
    (place.directory / "inside").symlink_to("real")
    (place.directory / "folder").symlink_to(tmp_path / "outside")
    assert "is a symbolic link" in refusal(place, "out")
    assert "is a symbolic link" in refusal(place, "inside")
    assert "'folder', which is no folder, or a symbolic link" in refusal(place, "folder/secret")


def test_what_is_no_regular_file_is_not_opened(place: Workplace) -> None:
    (place.directory / "folder").mkdir()
    os.mkfifo(place.directory / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        # Bound below the folder itself: the path of a socket is short.
        before = os.getcwd()
        os.chdir(place.directory)
        try:
            listening.bind("socket")
        finally:
            os.chdir(before)
    for name in ("folder", "pipe", "socket"):
        assert "is no regular file" in refusal(place, name)


def test_what_is_not_there_is_said(place: Workplace) -> None:
    assert "No such file" in refusal(place, "missing")
    assert "No such file" in refusal(place, "missing/deeper")
    (place.directory / "file").write_text("x")
    assert "no folder" in refusal(place, "file/deeper")


def test_no_descriptor_is_left_open(place: Workplace) -> None:
    before = os.listdir("/proc/self/fd")
    (place.directory / "folder").mkdir()
    for path in ("folder", "missing", "folder/missing", "/etc/passwd"):
        refusal(place, path)
    assert os.listdir("/proc/self/fd") == before
