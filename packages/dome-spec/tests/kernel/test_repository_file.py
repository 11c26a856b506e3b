"""What is read of a repository lies in it, and is a file."""

import os
from pathlib import Path

import pytest

from dome_spec.kernel import FileRefused, read_within


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text("secret")
    made = tmp_path / "repository"
    (made / "texts").mkdir(parents=True)
    (made / "texts/a.yaml").write_text("a: 1")
    return made


def test_a_file_is_read_also_through_a_link_that_stays_within(root: Path) -> None:
    (root / "b.yaml").symlink_to("texts/a.yaml")
    assert read_within(root, "texts/a.yaml") == read_within(root, "b.yaml") == b"a: 1"
    (root.parent / "other").symlink_to(root)
    assert read_within(root.parent / "other", "texts/a.yaml") == b"a: 1"


def test_a_link_that_leads_out_is_refused_wherever_it_stands(root: Path) -> None:
    (root / "texts/b.yaml").symlink_to("../../secret")
    (root / "folder").symlink_to(root.parent)
    for path in ("texts/b.yaml", "folder/secret", "../secret"):
        with pytest.raises(FileRefused, match="outside"):
            read_within(root, path)


def test_what_is_no_file_is_refused_at_once(root: Path) -> None:
    os.mkfifo(root / "pipe")
    (root / "circle").symlink_to("circle")
    for path in ("pipe", "texts", "circle"):
        with pytest.raises(FileRefused):
            read_within(root, path)


def test_a_file_that_is_too_large_is_not_read(root: Path) -> None:
    with pytest.raises(FileRefused, match="too large"):
        read_within(root, "texts/a.yaml", bytes_max=3)


def test_what_is_not_there_is_not_found(root: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_within(root, "texts/none.yaml")
