"""Decisions keep their shape, pages are current, and links lead somewhere."""

from pathlib import Path

import pytest

from ci.docs import pages
from ci.gates import adr, docs
from tests.ci.gate_trees import copy, said, share, write

ADR = "docs/adr/0001-sample.md"
GOOD = """\
# 0001. Sample

Status: accepted

## Context
It rains.

## Options
Umbrella or hat.

## Decision
Umbrella.

## Consequences
One hand is busy.

## Confirmation
The gate `layers`; `tests/test_rain.py::test_it_stays_dry`.
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    copy(tmp_path, "ci/gates/registry.py")
    write(tmp_path, "tests/test_rain.py", "def test_it_stays_dry() -> None: ...\n")
    write(tmp_path, "docs/adr/index.md", "| [0001](0001-sample.md) | Sample |\n")
    return tmp_path


def test_a_decision_in_shape_passes(tree: Path) -> None:
    write(tree, ADR, GOOD)
    assert adr.check(tree) == []


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("Status: accepted", "Status: hoped", "the status is not known"),
        ("## Options\n", "## Thoughts\n", "the sections are"),
        ("It rains.", "It rains.\n" * 50, "at most 60"),
        ("`layers`", "`umbrellas`", "there is no gate umbrellas"),
        ("test_rain.py", "test_snow.py", "tests/test_snow.py does not exist"),
        ("it_stays_dry", "it_is_warm", "has no test test_it_is_warm"),
        ("The gate `layers`; `tests/test_rain.py::test_it_stays_dry`.", "We will try.", "names no gate"),
    ],
)
def test_a_decision_out_of_shape_is_found(tree: Path, before: str, after: str, complaint: str) -> None:
    assert before in GOOD
    write(tree, ADR, GOOD.replace(before, after))
    assert complaint in said(adr.check(tree))


def test_a_number_that_is_used_twice_is_found(tree: Path) -> None:
    write(tree, ADR, GOOD)
    write(tree, "docs/adr/0001-other.md", GOOD)
    assert "number 0001 is used twice" in said(adr.check(tree))


def test_a_decision_that_the_index_leaves_out_is_found(tree: Path) -> None:
    write(tree, "docs/adr/0002-second.md", GOOD)
    assert "0002-second.md is not listed" in said(adr.check(tree))


def test_a_page_that_was_edited_or_is_missing_is_found(tmp_path: Path) -> None:
    share(tmp_path, "contracts", "buf.yaml")
    pages.write(pages.render(tmp_path), tmp_path / pages.FOLDER)
    (tmp_path / pages.FOLDER / "rpc.md").write_text("By hand.\n")
    (tmp_path / pages.FOLDER / "reasons.md").unlink()
    assert [(found.place, found.what) for found in docs.current(tmp_path)] == [
        ("docs/reference/reasons.md", "missing"),
        ("docs/reference/rpc.md", "not what contracts and code say"),
    ]


def test_a_dead_link_is_found(tmp_path: Path) -> None:
    write(tmp_path, "docs/index.md", "[a](how-to/a.md) [b](https://example.org) [c](#here)\n```\n[d](e)\n```\n")
    assert [found.what for found in docs.links(tmp_path)] == ["the link to how-to/a.md leads nowhere"]
    write(tmp_path, "docs/how-to/a.md", "")
    assert docs.links(tmp_path) == []
