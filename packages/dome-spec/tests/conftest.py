"""How tests of the spec plane run, and a real git repository for those that read one."""

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("dome", deadline=None)
settings.load_profile("dome")

TIMEOUT_S = 60.0
WHEN = "2020-01-01T00:00:00+0000"


class Git:
    """A repository, made by git itself."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(root),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_AUTHOR_DATE": WHEN,
            "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org", "GIT_COMMITTER_DATE": WHEN,
        }  # fmt: skip

    def run(self, *words: str, said: str = "") -> str:
        """What git prints, when this is said to it."""
        done = subprocess.run(
            ["git", *words],
            cwd=self.root,
            env=self._environ,
            input=said.encode(),
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()

    def write(self, path: str, text: str) -> Path:
        """One file of the working tree."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return target

    def commit(self, message: str, files: Mapping[str, str] | None = None) -> str:
        """The id of a commit of everything."""
        for path, text in (files or {}).items():
            self.write(path, text)
        self.run("add", "-A")
        self.run("commit", "-q", "--allow-empty", "-m", message)
        return self.run("rev-parse", "HEAD")


@pytest.fixture
def new_repository(tmp_path: Path) -> Callable[[str], Git]:
    """Makes an empty repository of a name."""

    def make(name: str) -> Git:
        (tmp_path / name).mkdir()
        git = Git(tmp_path / name)
        git.run("init", "-q", "-b", "main")
        return git

    return make


@pytest.fixture
def git(new_repository: Callable[[str], Git]) -> Git:
    """An empty repository."""
    return new_repository("repository")
