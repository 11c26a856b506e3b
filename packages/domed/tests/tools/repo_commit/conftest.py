"""A repository to commit to."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from packages.domed.tests.tools.commits import Git, Repository, made

Run = Callable[..., Any]


@pytest.fixture
def repository(tmp_path: Path, git: Git) -> Repository:
    repository = made(tmp_path / "repository", git)
    repository.commit({"a.txt": "a\n", "b.txt": "b\n", "sub/c.txt": "c\n", "old.txt": "old\n"})
    return repository
