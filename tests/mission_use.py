"""The commands of missions, used in a repository with a state of its own: fixtures for their tests."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dome_contracts.runtime.v1 import Job, JobState, RunProvenance
from dome_spec.commands import artefact, board, charter, mission
from dome_spec.kernel import Runtime
from dome_spec.kernel.yaml_text import read_yaml
from tests.group_use import Said, use_group

IMPLEMENTER = "llm:agent-1,role=implementer,profile=implementer"
REVIEWER = "llm:agent-2,role=reviewer,profile=reviewer"


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
        return use_group(self._capture, mission, board, charter, artefact, words=words, connect=self._connect)

    def done(self, *words: str) -> dict[str, Any]:
        said = self(*words, "--json")
        assert said.code == 0, said.err
        return said.document

    def refused(self, *words: str) -> dict[str, Any]:
        return self(*words, "--json").error

    def write_package(self, name: str, **fields: Any) -> None:
        value = {"title": name, "requirements": ["FR-001"], "owned_files": [f"src/{name}.py"], **fields}
        if "owned_files" not in fields:
            value["creates"] = [f"src/{name}.py"]
        # Every JSON document is YAML.
        self.git.write(f"missions/tried/packages/{name}.md", f"---\n{json.dumps(value)}\n---\n\nDo {name}.\n")

    def bind(self, policies: str, *, doctrine: bool = False) -> None:
        """A charter with these policies."""
        self.done("charter", "init")
        path = self.root / ".dome/charter.yaml"
        value = read_yaml(path.read_bytes())
        assert isinstance(value, dict)
        value["policies"] = read_yaml(policies.encode())
        if doctrine:
            value["doctrine_folder"] = "doctrine"
        path.write_text(json.dumps(value))  # every JSON document is YAML

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
        where = ("--branch", self.git.run("branch", "--show-current")) if acting == IMPLEMENTER else ()
        return self.done(*words, *where)

    def move(self, operation: str, *more: str, name: str = "WP01", acting: str = IMPLEMENTER) -> dict[str, Any]:
        shown = ("--witness", self.witness(name, acting)) if operation == "submit" else ()
        return self.done("mission", "move", "tried", name, operation, "--as", acting, *shown, *more)

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
        words: tuple[str, ...] = ("mission", "review", "tried", name, "--verdict", verdict, "--as", acting)
        words += ("--witness", self.witness(name, acting), *more)
        if verdict != "approved" or "--check" in more:
            return self.done(*words)
        with self.checked(self.submitted(name)) as job:
            return self.done(*words, "--check", job)

    def submitted(self, name: str = "WP01") -> str:
        """The commit that was handed in last; of documents none."""
        facts = [each["fact"] for each in self.done("mission", "show", "tried", name)["history"]]
        return str([each["evidence"] for each in facts if "evidence" in each][-1].get("head", ""))

    @contextmanager
    def checked(
        self, commit: str, *, state: JobState = JobState.SUCCEEDED, dirty: bool | None = False, root: str | None = None
    ) -> Iterator[str]:
        """A daemon with a job that ran on a commit, and the job's id."""

        async def status(job_id: str) -> Any:
            record = RunProvenance(repo=root or str(self.root), commit_sha=commit, dirty_flag=dirty)
            return Job(job_id=job_id, state=state, provenance=record)

        before, self.daemon = self.daemon, SimpleNamespace(status=status)
        try:
            yield "job-" + "0" * 26
        finally:
            self.daemon = before

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
