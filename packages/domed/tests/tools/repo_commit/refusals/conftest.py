"""A repository that somebody was about to commit to, and a run that is refused and changes nothing."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from packages.domed.tests.tools.commits import Git, Repository, made

Run = Callable[..., Any]
Refused = Callable[..., str]
# What may be there afterwards and was not there before: objects that nobody names.
UNNAMED = "objects"


@pytest.fixture
def repository(tmp_path: Path, git: Git) -> Repository:
    repository = made(tmp_path / "repository", git)
    repository.commit({"a.txt": "a\n", "b.txt": "b\n", "sub/c.txt": "c\n", "odd\udcff.txt": "odd\n"})
    repository.write({"a.txt": "changed\n"})
    return repository


@pytest.fixture
def refused(repository: Repository, run_tool: Run) -> Refused:
    """The message of a refusal for a reason. Nothing but unnamed objects may have changed."""

    def run(reason: str, request: dict[str, Any], **environ: str) -> str:
        before = contents(repository.root)
        ran = run_tool("repo.commit", request, repository.root, **environ)
        assert (ran.exit_code, [message["type"] for message in ran.messages][-1:]) == (1, ["failure"]), ran.stderr
        assert ran.failure[0] == reason, ran.failure
        assert contents(repository.root) == before
        return str(ran.failure[1])

    return run


def contents(root: Path) -> dict[str, bytes | None]:
    found: dict[str, bytes | None] = {}
    for folder, folders, files in os.walk(os.fsencode(root)):
        folders[:] = [name for name in folders if name != UNNAMED.encode()]
        for name in (*folders, *files):
            path = os.path.join(folder, name)
            found[os.fsdecode(path)] = Path(os.fsdecode(path)).read_bytes() if os.path.isfile(path) else None
    return found
