"""A vector that says other than the code, or that no test holds, is red."""

from pathlib import Path

import pytest

from ci.gates import vectors
from ci.gates.__main__ import ROOT
from tests.ci.gate_trees import copy, replace, said, write

TEST = "tests/contract/test_chain_vectors.py"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return copy(tmp_path, "contracts/vectors/chain.json", TEST)


def test_vectors_that_the_code_gives_pass(tree: Path) -> None:
    assert vectors.check(tree) == []


def test_a_changed_vector_is_told_with_its_case(tree: Path) -> None:
    replace(tree, "contracts/vectors/chain.json", "sha256:8", "sha256:9")
    (found,) = vectors.check(tree)
    assert found.place == TEST
    assert "test_a_chain_has_the_heads_of_the_vector[no event yet] fails" in found.what


def test_a_vector_that_no_test_reads_is_told(tree: Path) -> None:
    write(tree, "contracts/vectors/forgotten.json", "{}")
    assert said(vectors.check(tree)).startswith("contracts/vectors/forgotten.json: no test reads it")


def test_a_test_that_cannot_be_read_is_told(tree: Path) -> None:
    write(tree, TEST, (tree / TEST).read_text() + "\nimport nowhere\n")
    assert TEST in said(vectors.check(tree))


def test_every_vector_of_this_repository_is_held_by_a_test() -> None:
    held = [path.read_text() for path in (ROOT / "tests/contract").glob("test_*.py")]
    for path in (ROOT / "contracts/vectors").glob("*.json"):
        assert any(vectors._reads(text, path.stem) for text in held), path.name
