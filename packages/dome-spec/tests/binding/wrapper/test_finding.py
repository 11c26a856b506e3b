"""Where evidence is looked for, and where it is not."""

import os
from pathlib import Path

import pytest

from dome_spec.binding.wrapper.finding import FilesBeside, Nowhere


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "export"
    (folder / "evidence").mkdir(parents=True)
    (folder / "evidence" / "report").write_bytes(b"report")
    (tmp_path / "secret").write_bytes(b"secret")
    return folder


def found(folder: Path, location: str) -> bytes | None:
    chunks = FilesBeside(folder).find(location)
    return None if chunks is None else b"".join(chunks)


def test_a_relative_path_is_one_below_the_directory(folder: Path) -> None:
    assert found(folder, "evidence/report") == b"report"


def test_a_file_uri_names_any_file_of_this_machine(folder: Path) -> None:
    assert found(folder, f"file://{folder}/evidence/report") == b"report"
    assert found(folder, f"file://localhost{folder}/evidence/report") == b"report"
    assert found(folder, f"file://elsewhere{folder}/evidence/report") is None


@pytest.mark.parametrize(
    "location",
    [
        "../secret", "evidence/../../secret", "/etc/hostname", "https://x/y", "a\0b", "x",
        "file:///a%00b", "file://[::1", "file:", "file:report",
    ],
)  # fmt: skip
def test_nothing_else_is_found(folder: Path, location: str) -> None:
    assert found(folder, location) is None


def test_a_link_that_leads_outside_is_not_followed(folder: Path) -> None:
    (folder / "link").symlink_to(folder.parent / "secret")
    assert found(folder, "link") is None


def test_a_circle_of_links_leads_nowhere(folder: Path) -> None:
    (folder / "circle").symlink_to("circle")
    for location in ("circle", "circle/report", f"file://{folder}/circle"):
        with pytest.raises(OSError, match="symbolic links"):
            found(folder, location)


def test_a_pipe_and_a_directory_are_no_evidence(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    assert found(folder, "pipe") is None
    assert found(folder, "evidence") is None


def test_nowhere_is_nothing() -> None:
    assert Nowhere().find("evidence/report") is None
