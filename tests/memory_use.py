"""The group `dome memory`, used in a repository with a state of its own: fixtures for the tests of its verbs."""

import json
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.canonical import digest_bytes
from dome_spec.commands import memory
from dome_spec.kernel import Runtime
from tests.remembered import a_wrapper

REPORT = b"<testsuite failures='1'/>"


async def no_daemon() -> Runtime:
    raise AssertionError("only `ingest --runtime` needs a daemon")


@dataclass(frozen=True)
class Said:
    """What a use of the group printed, and its exit code."""

    code: int
    out: str
    err: str

    def values(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    def error(self) -> dict[str, Any]:
        refused: dict[str, Any] = json.loads(self.err)["error"]
        return refused


class Use:
    """Uses the group in a repository."""

    def __init__(self, root: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capture = capture

    def __call__(self, *words: str) -> Said:
        parser = ArgumentParser()
        parser.add_argument("--json", action="store_true")
        memory.register(parser.add_subparsers(), no_daemon)
        arguments = parser.parse_args(["memory", *words])
        code = arguments.run(arguments)
        assert isinstance(code, int)
        printed = self._capture.readouterr()
        return Said(code, printed.out, printed.err)

    def write(self, name: str, *documents: bytes) -> str:
        """A file of documents, one a line."""
        (self.root / name).write_bytes(b"\n".join(documents))
        return name


def wrapper_bytes(number: int = 0, **changes: Any) -> bytes:
    """A wrapper of an attempt of its own, whose evidence is `report.xml`."""
    evidence = [{"digest": digest_bytes(REPORT), "location": "report.xml"}]
    changed = {"group_id": f"sha256:{number:064x}", "evidence": evidence, **changes}
    return json.dumps(a_wrapper(**changed)).encode()


@pytest.fixture
def use(git: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Use:
    git.commit("one", {"a.txt": "a"})
    (git.root / "report.xml").write_bytes(REPORT)
    monkeypatch.chdir(git.root)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return Use(git.root, capsys)
