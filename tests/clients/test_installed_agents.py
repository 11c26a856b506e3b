"""What `dome mcp install` writes, read by those for whom it is written: the real claude and gemini, without a model.

Both start the server to see whether it answers. They exit with 0 whatever they find, so what they say is read.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.e2e.dome_home import Home, a_home

TIMEOUT_S = 60
NOWHERE = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}
QUIET = {"DISABLE_AUTOUPDATER": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}
TRUSTED = {"GEMINI_CLI_TRUST_WORKSPACE": "true"}
"""Without it gemini starts no server in a folder that it does not know."""
PACKAGES = {"claude": "@anthropic-ai/claude-code", "gemini": "@google/gemini-cli"}
CLAUDE_FILE = """\
{
    "theme": "dark",
    "mcpServers": {
        "other": {"type": "stdio", "command": "no-such-program"}
    }
}
"""
GEMINI_FILE = """\
// mine
{
  "ui": { "theme": "Dracula" }, /* dark */
  "mcpServers": {
    "other": { "command": "no-such-program" } // keep
  }
}
"""


@pytest.fixture
def home() -> Iterator[Home]:
    with a_home() as made:
        yield made


def said_by(agent: str, home: Home, *words: str) -> str:
    """What an agent says about its servers. Without it on PATH the test is skipped, and says how to get it."""
    program = shutil.which(agent)
    if program is None:
        package = PACKAGES[agent]
        pytest.skip(
            f"there is no {agent} on PATH: `npm install --prefix DIR {package}` with node 20 or later, "
            "then put DIR/node_modules/.bin on PATH"
        )
    done = subprocess.run(
        [program, "mcp", *words],
        cwd=home.work,
        env=home.environ(TERM="dumb", **NOWHERE, **QUIET, **TRUSTED),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    return done.stdout + done.stderr


def install(home: Home, agent: str, *words: str) -> str:
    done = home.dome("mcp", "install", agent, *words)
    assert done.code == 0, done.err
    return done.out.decode()


def servers(path: Path) -> Mapping[str, object]:
    found: Mapping[str, object] = json.loads(path.read_text())["mcpServers"]
    return found


def test_claude_connects_and_keeps_what_else_it_had(home: Home) -> None:
    path = home.root / ".claude.json"
    path.write_text(CLAUDE_FILE)
    before = said_by("claude", home, "list")
    assert "other" in before
    assert "dome" not in before
    written = path.read_text()  # claude adds to it
    assert '"dome"' in install(home, "claude", "--dry-run")
    assert path.read_text() == written
    install(home, "claude")
    assert (home.root / ".claude.json.before-dome-1").read_text() == written
    listed = said_by("claude", home, "list").splitlines()
    assert any(line.startswith("dome:") and line.endswith("Connected") for line in listed), listed
    assert any(line.startswith("other:") and "Failed" in line for line in listed), listed
    assert "Args: mcp" in said_by("claude", home, "get", "dome")
    assert "as it should be" in install(home, "claude")
    assert set(servers(path)) == {"other", "dome"}


def test_gemini_connects_and_keeps_what_else_it_had_and_the_comments(home: Home) -> None:
    path = home.root / ".gemini" / "settings.json"
    path.parent.mkdir()
    path.write_text(GEMINI_FILE)
    assert "dome:" not in said_by("gemini", home, "list")
    written = path.read_text()
    assert '"dome"' in install(home, "gemini", "--dry-run")
    assert path.read_text() == written
    install(home, "gemini")
    assert path.with_name("settings.json.before-dome-1").read_text() == written
    listed = said_by("gemini", home, "list")
    assert any("dome:" in line and line.endswith("- Connected") for line in listed.splitlines()), listed
    assert any("other:" in line and line.endswith("- Disconnected") for line in listed.splitlines()), listed
    after = path.read_text()
    assert [each for each in ("// mine", "/* dark */", "// keep") if each not in after] == []
    assert "as it should be" in install(home, "gemini")


@pytest.mark.parametrize("agent", PACKAGES)
def test_an_agent_that_was_never_started_connects(home: Home, agent: str) -> None:
    install(home, agent, "--skill")
    assert "- Connected" in said_by(agent, home, "list").replace("✔ ", "")
