"""Files that a commit takes away, or moves, are among those that it changes."""

import os
import subprocess
from pathlib import Path

import pytest

from ci.gates.__main__ import main
from ci.staged import staged
from tests.ci.gate_trees import write

TIMEOUT_S = 60.0


def git(tree: Path, *words: str) -> None:
    environ = {"PATH": os.environ["PATH"], "HOME": str(tree), "GIT_CONFIG_NOSYSTEM": "1"}
    author = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    subprocess.run(["git", *author, *words], cwd=tree, env=environ, check=True, capture_output=True, timeout=TIMEOUT_S)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    for name in ("kept", "moved one", "gone", "edited"):
        write(tmp_path, f"contracts/jsonschema/{name}.json", name * 50)
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "first")
    return tmp_path


def test_what_is_added_edited_moved_and_taken_away_is_found(tree: Path) -> None:
    git(tree, "rm", "-q", "contracts/jsonschema/gone.json")
    git(tree, "mv", "contracts/jsonschema/moved one.json", "contracts/é.json")
    write(tree, "contracts/jsonschema/edited.json", "else")
    git(tree, "add", "-A")
    write(tree, "contracts/jsonschema/kept.json", "not in this commit")
    found = {path.rpartition("/")[2] for path in staged(tree)}
    assert found == {"gone.json", "moved one.json", "é.json", "edited.json"}


def test_a_commit_that_only_takes_a_schema_away_runs_the_gates_on_schemas(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    choose = ["--tree", str(tree), "--quick", "--staged", "--changed", "--list"]
    assert main(choose) == 0
    assert capsys.readouterr().out.strip() == ""
    git(tree, "rm", "-q", "contracts/jsonschema/gone.json")
    assert main(choose) == 0
    assert "schema-compatibility" in capsys.readouterr().out.splitlines()


def test_outside_of_git_nothing_is_staged(tmp_path: Path) -> None:
    assert staged(tmp_path) == []
