"""The group `dome memory`, used in a repository with a state of its own: fixtures for the tests of its verbs."""

import json
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.canonical import digest_bytes
from dome_contracts.exit_codes import Exit
from dome_spec.commands import memory
from tests.group_use import Said, use_group
from tests.remembered import a_wrapper, as_bytes

REPORT = b"<testsuite failures='1'/>"


class Use:
    """Uses the group in a repository."""

    def __init__(self, root: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capture = capture

    def __call__(self, *words: str) -> Said:
        return use_group(self._capture, memory, words=("memory", *words))

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


@pytest.fixture
def filled(use: Use) -> Use:
    """Three good wrappers, and three documents that are put aside."""
    bad = (b"{broken", as_bytes({"what": "is this"}), wrapper_bytes(9, signal="hunch"))
    use.write("mixed.jsonl", *(wrapper_bytes(number) for number in range(3)), *bad)
    assert use("ingest", "mixed.jsonl").code == Exit.FAILED
    return use


def ids(use: Use) -> dict[str, str]:
    """Ids of what is put aside, by cause."""
    return {each["body"]["cause"]: each["fact_id"] for each in use("quarantine", "list", "--json").documents()}
