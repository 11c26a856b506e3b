"""Real git repositories for tests that read one, and a team that pins another's."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from dome_spec.contracts.layout import Layout
from dome_spec.contracts.pins import Adding, Pinned, Update, Updating, add, carry_out, load, prepare

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


@pytest.fixture(scope="session")
def new_git() -> Callable[[Path], Git]:
    """Git in a folder, with a name and a time of its own."""
    return Git


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


DRAFT_7 = "http://json-schema.org/draft-07/schema#"


def order(**properties: Any) -> dict[str, Any]:
    """A schema of the owner, in the dialect that it uses."""
    return {
        "$schema": DRAFT_7,
        "type": "object",
        "additionalProperties": False,
        "required": ["id", "state"],
        "properties": {
            "id": {"type": "string", "minLength": 1},
            "state": {"$ref": "words.json#/definitions/state"},
            **properties,
        },
    }


def words(*states: str) -> dict[str, Any]:
    return {"$schema": DRAFT_7, "definitions": {"state": {"type": "string", "enum": list(states)}}}


CODES = {
    "precedence": ["stop", "repairable"],
    "codes": {"LATE": {"class": "repairable"}, "BROKE": {"class": "stop"}},
}


class Owner:
    """The repository of another team, made by git itself."""

    order = staticmethod(order)
    words = staticmethod(words)
    codes = CODES

    def __init__(self, git: Git) -> None:
        self.git = git
        self.root: Path = git.root

    def write(self, path: str, value: Any) -> None:
        self.git.write(path, value if isinstance(value, str) else json.dumps(value, indent=1))

    def move(self, before: str, after: str) -> None:
        (self.root / after).parent.mkdir(parents=True, exist_ok=True)
        (self.root / before).rename(self.root / after)

    def remove(self, path: str) -> None:
        (self.root / path).unlink()

    def commit(self, tag: str = "") -> str:
        """The id of a commit with everything; the tag is put there, wherever it was."""
        made: str = self.git.commit("change")
        if tag:
            self.git.run("tag", "-f", tag)
        return made


@pytest.fixture(scope="session")
def first_version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What every owner begins with, to be copied."""
    git = Git(tmp_path_factory.mktemp("owner"))
    git.run("init", "-q", "-b", "main", "--template=")
    made = Owner(git)
    made.write("schemas/order.json", order())
    made.write("schemas/words.json", words("open", "shipped"))
    made.write("schemas/codes.json", CODES)
    made.write("README.md", "Orders.")
    made.commit("v1")
    return git.root


@pytest.fixture
def owner(first_version: Path, tmp_path: Path) -> Owner:
    return Owner(Git(shutil.copytree(first_version, tmp_path / "owner")))


class Consumer:
    """The repository that pins."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "contracts/jsonschema").mkdir(parents=True)
        (root / "docs/adr").mkdir(parents=True)
        self.layout = Layout(root)

    def add(self, *members: str, source: str = "../owner@v1", version: str = "1", **rest: Any) -> None:
        chosen = members or ("order=schema:order.json", "words=schema:words.json", "codes=reason_semantics:codes.json")
        asked = Adding(bundle="orders", source=source, version=version, members=chosen, prefix="schemas", **rest)
        add(self.layout, asked, self.root)

    def prepare(self, source: str = "../owner@v2", **rest: Any) -> Update:
        return prepare(self.layout, Updating(bundle="orders", source=source, **rest), self.root)

    def update(self, source: str = "../owner@v2", **rest: Any) -> Update:
        update = self.prepare(source, **rest)
        assert update.refused == ()
        carry_out(self.layout, update)
        return update

    def decide(self, number: str) -> None:
        (self.root / f"docs/adr/{number}-decided.md").write_text("# Decided\n")

    def fixture(self, path: str, value: Any) -> Path:
        target = self.layout.pins / "orders/fixtures" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(value))
        return target

    @property
    def pinned(self) -> Pinned:
        return load(self.layout, "orders")

    @property
    def note(self) -> str:
        path = self.root / "docs/migrations/orders.md"
        return path.read_text() if path.is_file() else ""

    def everything(self) -> dict[str, bytes]:
        """Every file, for comparing before and after."""
        files = (path for path in sorted(self.root.rglob("*")) if path.is_file())
        return {path.relative_to(self.root).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def consumer(tmp_path: Path) -> Consumer:
    return Consumer(tmp_path / "consumer")
