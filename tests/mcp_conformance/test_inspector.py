"""The official inspector, without its screen, against the real `dome mcp` in both eras of the protocol."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from dome_client.mcp.surface import DEFINITIONS
from tests.e2e.dome_home import DOME, TIMEOUT_S, Home
from tests.mcp_conformance.fixture_tools import EXPOSED, a_home_with_tools
from tests.mcp_conformance.official_suite import programs

ERAS = ["legacy", "modern"]
TOOL_FAILED = 5
"""How it exits where the result of a tool is an error."""


@dataclass(frozen=True)
class Inspected:
    """What it found."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The result."""
        return json.loads(self.out)["result"]


class Inspector:
    """It starts a bridge of its own for each question."""

    def __init__(self, home: Home) -> None:
        found = programs()
        launcher = found.modules / "@modelcontextprotocol" / "inspector" / "clients" / "launcher" / "build" / "index.js"
        self._home = home
        self._argv = [str(found.program), str(launcher), "--cli"]

    def ask(self, era: str, method: str, *words: str, exposed: tuple[str, ...] = ()) -> Inspected:
        # Its own options would be taken for those of the server, so they stand after the command.
        argv = [
            *self._argv,
            "--protocol-era",
            era,
            *self._server(exposed),
            "--method",
            method,
            "--format",
            "json",
            *words,
        ]
        done = subprocess.run(
            argv,
            cwd=self._home.work,
            env=self._home.environ(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        return Inspected(done.returncode, done.stdout, done.stderr)

    def call(self, era: str, tool: str, **arguments: Any) -> Inspected:
        return self.ask(era, "tools/call", "--tool-name", tool, "--tool-args-json", json.dumps(arguments))

    def _server(self, exposed: tuple[str, ...]) -> list[str]:
        """The command, with what the inspector does not hand on: the directories of this user of the tests."""
        variables = [f"{name}={value}" for name, value in self._home.environ().items()]
        return ["/usr/bin/env", *variables, *DOME, "mcp", *exposed]


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    programs()
    with a_home_with_tools() as made:
        (made.work / "notes.txt").write_text("first\nfind me\n")
        yield made


@pytest.fixture
def inspector(home: Home) -> Inspector:
    return Inspector(home)


@pytest.mark.parametrize("era", ERAS)
def test_the_eight_tools_and_all_that_are_exposed_stand_its_strict_look(inspector: Inspector, era: str) -> None:
    found = inspector.ask(era, "tools/list", "--strict", exposed=EXPOSED)
    assert found.code == 0, found
    own = {each.name for each in DEFINITIONS}
    assert own | {"greet", "repo__search"} < {tool["name"] for tool in found.document["tools"]}
    # It may advise about schemas of exposed tools, such as one that takes any value.
    assert [name for name in own if f'"{name}"' in found.err] == []


@pytest.mark.parametrize("era", ERAS)
def test_it_finds_a_tool_looks_at_it_and_runs_it(inspector: Inspector, era: str) -> None:
    found = inspector.call(era, "search_tools", query="matches").document
    assert [entry.split()[0] for entry in found["structuredContent"]["tools"]] == ["repo.search"]
    described = inspector.call(era, "describe_tool", tool_id="repo.search").document["structuredContent"]
    ran = inspector.call(era, described["run_with"], tool_id="repo.search", input={"pattern": "find"})
    assert ran.code == 0, ran
    matches = ran.document["structuredContent"]["result"]["matches"]
    assert matches == [{"path": "notes.txt", "line": 2, "text": "find me"}]


@pytest.mark.parametrize("era", ERAS)
def test_an_error_of_a_tool_reaches_it_as_one(inspector: Inspector, era: str) -> None:
    failed = inspector.call(era, "run_tool", tool_id="test_error_handling")
    assert failed.code == TOOL_FAILED
    assert "TOOL.FAILED" in failed.out + failed.err
