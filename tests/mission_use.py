"""The commands of missions, used in a repository with a state of its own: fixtures for their tests."""

import asyncio
import json
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dome_spec.commands import artefact, board, charter, mission
from dome_spec.kernel import Runtime

IMPLEMENTER = "llm:agent-1,role=implementer,profile=implementer"
REVIEWER = "llm:agent-2,role=reviewer,profile=reviewer"


@dataclass(frozen=True)
class Said:
    """What a use of a command printed, and its exit code."""

    code: int
    out: str
    err: str

    def values(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def value(self) -> dict[str, Any]:
        assert self.code == 0, self.err
        return self.values()[-1]

    @property
    def error(self) -> dict[str, Any]:
        assert self.code != 0, self.out
        refused: dict[str, Any] = json.loads(self.err.splitlines()[-1])["error"]
        return refused


class Use:
    """Uses the commands in a repository whose main branch is `main`."""

    def __init__(self, git: Any, capture: pytest.CaptureFixture[str]) -> None:
        self.git = git
        self.root: Path = git.root
        self.daemon: Any = None
        self._capture = capture

    async def _connect(self) -> Runtime:
        assert self.daemon is not None, "this needs no daemon"
        runtime: Runtime = self.daemon
        return runtime

    def __call__(self, *words: str) -> Said:
        parser = ArgumentParser()
        groups = parser.add_subparsers()
        for each in (mission, board, charter, artefact):
            each.register(groups, self._connect)
        arguments = parser.parse_args(words)
        begun = arguments.run(arguments)
        code = begun if isinstance(begun, int) else asyncio.run(begun)
        printed = self._capture.readouterr()
        return Said(code, printed.out, printed.err)

    def done(self, *words: str) -> dict[str, Any]:
        return self(*words, "--json").value

    def refused(self, *words: str) -> dict[str, Any]:
        return self(*words, "--json").error

    def write_package(self, name: str, **fields: Any) -> None:
        value = {"title": name, "requirements": ["FR-001"], "owned_files": [f"src/{name}.py"], **fields}
        if "owned_files" not in fields:
            value["creates"] = [f"src/{name}.py"]
        # Every JSON document is YAML.
        self.git.write(f"missions/tried/packages/{name}.md", f"---\n{json.dumps(value)}\n---\n\nDo {name}.\n")

    def begin(self, *packages: str, **fields: Any) -> None:
        """A mission `tried` with these packages, fixed."""
        self.done("charter", "init")
        self.done("mission", "new", "tried", "--goal", "Try it", "--require", "FR-001=It works", "--must-not", "Harm")
        for name in packages or ("WP01",):
            self.write_package(name, **fields)
        self.done("mission", "finalize", "tried")
        self.git.commit("the mission")

    def witness(self, name: str, acting: str) -> str:
        shown = self.done("artefact", "show", "tried", name, "--as", acting)
        return f"{shown['digest']}@{shown['stream_version']}"

    def claim(self, name: str = "WP01", acting: str = IMPLEMENTER) -> dict[str, Any]:
        words = ("mission", "claim", "tried", name, "--as", acting, "--witness", self.witness(name, acting))
        return self.done(*words, "--branch", "main") if acting == IMPLEMENTER else self.done(*words)

    def move(self, operation: str, *more: str, name: str = "WP01", acting: str = IMPLEMENTER) -> dict[str, Any]:
        return self.done("mission", "move", "tried", name, operation, "--as", acting, *more)

    def to_review(self, name: str = "WP01") -> str:
        """Do a package on the main branch, and have it claimed for review. The commit that holds it."""
        before = self.git.run("rev-parse", "HEAD")
        self.claim(name)
        self.move("start", name=name)
        head: str = self.git.commit(f"do {name}", {f"src/{name}.py": name})
        self.move("submit", "--commits", f"{before}..{head}", name=name)
        self.claim(name, REVIEWER)
        return head

    def review(self, verdict: str, *more: str, name: str = "WP01", acting: str = REVIEWER) -> dict[str, Any]:
        return self.done("mission", "review", "tried", name, "--verdict", verdict, "--as", acting, *more)

    def lane(self, name: str = "WP01") -> str:
        lane: str = self.done("mission", "show", "tried", name)["stands"]["lane"]
        return lane


@pytest.fixture
def use(git: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Use:
    git.commit("one", {"a.txt": "a"})
    monkeypatch.chdir(git.root)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("USER", "ada")
    monkeypatch.delenv("DOME_EFFECTOR", raising=False)
    return Use(git, capsys)
