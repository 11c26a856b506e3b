"""The charter and the doctrine of a repository are read within it, and a file that is none is a refusal."""

from pathlib import Path

import pytest

from dome_contracts.schema.governance.directive import DoctrineKind
from dome_spec.governance import (
    CHARTER_PATH,
    CharterInvalid,
    CharterMissing,
    DoctrineUnreadable,
    read_charter,
    read_doctrine,
)

CHARTER = """\
schema_version: "1"
version: 1.0.0
title: Charter
purpose: Try things.
adopted: {accountable: {kind: human, id: ada}, time: "2026-01-02T03:04:05Z"}
doctrine_folder: doctrine
activation: {}
policies: {}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "repository"
    (made / ".dome").mkdir(parents=True)
    (made / "doctrine/directives").mkdir(parents=True)
    (made / CHARTER_PATH).write_text(CHARTER)
    return made


def test_a_charter_with_its_doctrine_is_read(root: Path) -> None:
    charter = read_charter(root)
    assert charter.doctrine_folder == "doctrine"
    (root / "doctrine/directives/a.yaml").write_text("id: a")
    assert "a" in read_doctrine(root, charter).ids(DoctrineKind.DIRECTIVE)


def test_where_there_is_none_it_is_missing(tmp_path: Path) -> None:
    with pytest.raises(CharterMissing):
        read_charter(tmp_path)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"- a",
        b"a: [",
        b"\xff\xfe",
        b"schema_version: !!int one",
        b"? [1]\n: 2\n",
        b"a: &a [*a]",
        CHARTER.encode() + b"more: 1\n",
        CHARTER.replace("doctrine_folder: doctrine", "doctrine_folder: ../elsewhere").encode(),
        CHARTER.replace("doctrine_folder: doctrine", "doctrine_folder: /elsewhere").encode(),
    ],
)
def test_a_text_that_is_no_charter_is_refused(root: Path, data: bytes) -> None:
    (root / CHARTER_PATH).write_bytes(data)
    with pytest.raises(CharterInvalid):
        read_charter(root)


def test_a_charter_that_is_a_link_out_of_the_repository_is_refused(root: Path) -> None:
    (root.parent / "other.yaml").write_text(CHARTER)
    (root / CHARTER_PATH).unlink()
    (root / CHARTER_PATH).symlink_to(root.parent / "other.yaml")
    with pytest.raises(CharterInvalid, match="outside"):
        read_charter(root)


def test_a_doctrine_folder_that_is_a_link_out_of_the_repository_is_refused(root: Path) -> None:
    (root / "doctrine/directives").rmdir()
    (root / "doctrine").rmdir()
    (root.parent / "other/directives").mkdir(parents=True)
    (root / "doctrine").symlink_to(root.parent / "other")
    with pytest.raises(DoctrineUnreadable, match="outside"):
        read_doctrine(root, read_charter(root))


def test_a_document_or_a_folder_of_one_kind_that_is_a_link_out_is_refused(root: Path) -> None:
    (root.parent / "other").mkdir()
    (root.parent / "other/a.yaml").write_text("id: a")
    (root / "doctrine/directives/a.yaml").symlink_to(root.parent / "other/a.yaml")
    with pytest.raises(DoctrineUnreadable, match="outside"):
        read_doctrine(root, read_charter(root))
    (root / "doctrine/directives/a.yaml").unlink()
    (root / "doctrine/tactics").symlink_to(root.parent / "other")
    with pytest.raises(DoctrineUnreadable, match="outside"):
        read_doctrine(root, read_charter(root))
