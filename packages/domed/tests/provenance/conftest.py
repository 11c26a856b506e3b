"""Real repositories, and git as a person runs it."""

import os
import subprocess
from pathlib import Path

import pytest

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.invalid",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.invalid",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
}


class Git:
    """One working tree."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def __call__(self, *arguments: str) -> str:
        ran = subprocess.run(
            ["git", "-c", "protocol.file.allow=always", *arguments],
            cwd=self.root,
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
        return ran.stdout.strip()

    def commit(self, name: str = "file", text: str = "one\n") -> str:
        """Commit a file; the id of the commit."""
        (self.root / name).write_text(text)
        self("add", name)
        self("commit", "--quiet", "--message", name)
        return self("rev-parse", "HEAD")


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """A repository with one branch and nothing in it."""
    root = tmp_path / "repository"
    root.mkdir()
    git = Git(root)
    git("init", "--quiet", "--initial-branch", "main")
    return git
