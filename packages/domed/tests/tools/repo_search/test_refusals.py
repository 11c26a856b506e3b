"""What `repo.search` cannot do is a failure with its reason."""

import json
from pathlib import Path
from typing import Any

import pytest

from packages.domed.tests.tools.repo_search.conftest import Git, Run


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"pattern": ""},
        {"pattern": "a\0"},
        {"pattern": "a", "dialect": "basic"},
        {"pattern": "a", "paths": ["/etc"]},
        {"pattern": "a", "paths": ["a/../.."]},
        {"pattern": "a", "globs": ["../*"]},
        {"pattern": "a", "matches_max": 0},
        {"pattern": "a", "include_untracked": False, "include_ignored": True},
        {"pattern": "a", "revision": "HEAD", "include_untracked": True},
        {"pattern": "a", "revision": "HEAD", "include_ignored": True},
        {"pattern": "a", "revision": ""},
    ],
)
def test_an_input_that_makes_no_sense_is_refused(built_in: Run, document: dict[str, Any]) -> None:
    assert built_in("repo.search").input_violations(json.dumps(document).encode())


@pytest.mark.parametrize(("pattern", "dialect"), [("a(", "extended"), ("[", "extended"), ("(?<", "perl")])
def test_an_invalid_pattern_is_a_failure_with_gits_words(
    tmp_path: Path, git: Git, run_tool: Run, pattern: str, dialect: str
) -> None:
    git(tmp_path, "init", "-q")
    ran = run_tool("repo.search", {"pattern": pattern, "dialect": dialect}, tmp_path)
    assert (ran.exit_code, ran.failure[0]) == (1, "SEARCH.PATTERN_INVALID")
    assert pattern in ran.failure[1]


def test_a_path_that_leads_nowhere_is_a_failure(tmp_path: Path, run_tool: Run) -> None:
    ran = run_tool("repo.search", {"pattern": "x", "paths": ["no/such"]}, tmp_path)
    assert ran.failure == ("TOOL.FAILED", "There is no 'no/such' in what is searched. Correct `paths`.")


def test_a_machine_without_git_is_a_failure_with_its_remedy(tmp_path: Path, run_tool: Run) -> None:
    ran = run_tool("repo.search", {"pattern": "x"}, tmp_path, PATH="/nonexistent")
    assert ran.failure[0] == "TOOL.FAILED"
    assert "Install git" in ran.failure[1]


def test_the_inside_of_a_git_folder_is_no_place_to_search(tmp_path: Path, git: Git, run_tool: Run) -> None:
    git(tmp_path, "init", "-q")
    assert "working tree" in run_tool("repo.search", {"pattern": "x"}, tmp_path / ".git").failure[1]
