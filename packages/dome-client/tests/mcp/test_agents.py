import json
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from dome_client.cli.main import run
from dome_client.mcp.agent_files import Change, NotInstalled, write
from dome_client.mcp.agents import VARIABLES, Entry, entry, plan
from dome_client.mcp.extra import ExtraMissing
from dome_client.mcp.surface import DEFINITIONS
from dome_contracts.exit_codes import Exit

ENTRY = Entry("/opt/bin/dome", ["mcp"])
CODEX = """\
# mine
model = "m"   # keep

[mcp_servers.other]
command = "x"

[mcp_servers.dome]
# why
command = "old"
tool_timeout_sec = 300
env_vars = ["MINE"]

[projects."/a"]
trust_level = "trusted"
"""

GEMINI = """\
// mine
{
  "theme": "x", /* dark */
  "mcpServers": {
    // the first one
    "other": { "command": "http://x", "args": [] } // keep
  } // all of them
}
"""


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path)}


def only(agent: str, environ: dict[str, str], wanted: Entry = ENTRY) -> Change:
    [change] = plan(agent, wanted, environ, skill=False)
    return change


def given(environ: dict[str, str], name: str, text: str) -> Path:
    path = Path(environ["HOME"], name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_codex_gets_an_entry_that_it_waits_for_and_that_finds_the_daemon(environ: dict[str, str]) -> None:
    change = only("codex", environ)
    assert change.path == Path(environ["HOME"], ".codex", "config.toml")
    assert tomllib.loads(change.after)["mcp_servers"]["dome"] == {
        "command": "/opt/bin/dome",
        "args": ["mcp"],
        "env_vars": list(VARIABLES),
        "required": True,
        "startup_timeout_sec": 20,
        "tool_timeout_sec": 60,
        "supports_parallel_tool_calls": True,
    }


def test_what_is_there_is_kept_with_its_comments(environ: dict[str, str]) -> None:
    given(environ, ".codex/config.toml", CODEX)
    after = only("codex", environ).after
    changed = [line for line in after.splitlines() if line not in CODEX.splitlines()]
    assert [line.partition(" ")[0] for line in changed] == [
        "command", "env_vars", "args", "required", "startup_timeout_sec", "supports_parallel_tool_calls",
    ]  # fmt: skip
    assert [line for line in CODEX.splitlines() if line not in after.splitlines()] == [
        'command = "old"',
        'env_vars = ["MINE"]',
    ]
    assert tomllib.loads(after)["mcp_servers"]["dome"]["env_vars"] == ["MINE", *VARIABLES]


@pytest.mark.parametrize("agent", ["codex", "claude", "gemini"])
def test_installing_twice_changes_nothing_the_second_time(environ: dict[str, str], agent: str) -> None:
    first = plan(agent, ENTRY, environ, skill=True)
    assert [each.needed for each in first] == [True, True]
    assert write(first) == []
    assert [each.needed for each in plan(agent, ENTRY, environ, skill=True)] == [False, False]


def test_tools_that_were_exposed_stay_so_until_others_are_named(environ: dict[str, str]) -> None:
    write([only("codex", environ, Entry("/opt/bin/dome", ["mcp", "--expose", "a.b"]))])
    assert not only("codex", environ).needed
    other = only("codex", environ, Entry("/opt/bin/dome", ["mcp", "--expose", "c.d"]))
    assert tomllib.loads(other.after)["mcp_servers"]["dome"]["args"] == ["mcp", "--expose", "c.d"]


def test_the_settings_of_gemini_keep_their_form_and_their_other_servers(environ: dict[str, str]) -> None:
    before = {"theme": "däster", "mcpServers": {"other": {"command": "x"}, "dome": {"trust": True}}}
    given(environ, ".gemini/settings.json", json.dumps(before, indent=4, ensure_ascii=False))
    after = only("gemini", environ).after
    assert after.startswith('{\n    "theme": "däster"')
    assert json.loads(after)["mcpServers"] == {
        "other": {"command": "x"},
        "dome": {"trust": True, "command": "/opt/bin/dome", "args": ["mcp"], "timeout": 60_000},
    }


def test_comments_in_the_settings_of_gemini_stay(environ: dict[str, str]) -> None:
    path = given(environ, ".gemini/settings.json", GEMINI)
    write([only("gemini", environ)])
    written = path.read_text()
    before, after = GEMINI.split(" } // keep")
    assert written.startswith(before + ' }, // keep\n    "dome": {\n      "command"')
    assert written.endswith("    }" + after)
    assert not only("gemini", environ).needed


def test_claude_has_its_entry_where_its_variable_says(environ: dict[str, str], tmp_path: Path) -> None:
    change = only("claude", environ | {"CLAUDE_CONFIG_DIR": str(tmp_path / "c")})
    assert change.path == tmp_path / "c" / ".claude.json"
    assert json.loads(change.after)["mcpServers"]["dome"]["type"] == "stdio"


@pytest.mark.parametrize(
    ("agent", "name", "text"),
    [
        ("codex", ".codex/config.toml", "[mcp_servers\n"),
        ("codex", ".codex/config.toml", "mcp_servers = 3\n"),
        ("codex", ".codex/config.toml", "[mcp_servers]\ndome = 3\n"),
        ("codex", ".codex/config.toml", "mcp_servers = {x = {command = 'a'}}\n"),
        ("codex", ".codex/config.toml", "\ufeffmodel = 'm'\n"),
        ("gemini", ".gemini/settings.json", "\ufeff{}"),
        ("claude", ".claude.json", "{"),
        ("claude", ".claude.json", "[]"),
        ("gemini", ".gemini/settings.json", '{"mcpServers": []}'),
        ("gemini", ".gemini/settings.json", '{"mcpServers": {"dome": []}}'),
        ("gemini", ".gemini/settings.json", '{"mcpServers": {}, /* and so on'),
        ("claude", ".claude.json", '{"mcpServers": {} // claude takes no comments\n}'),
    ],
)
def test_a_file_that_is_not_understood_is_left_alone_and_the_entry_shown(
    environ: dict[str, str], agent: str, name: str, text: str
) -> None:
    path = given(environ, name, text)
    with pytest.raises(NotInstalled) as refused:
        plan(agent, ENTRY, environ, skill=False)
    assert "/opt/bin/dome" in refused.value.remedy
    assert path.read_text() == text


def test_the_entry_is_shown_so_that_it_can_be_copied(
    environ: dict[str, str], capfdbinary: "pytest.CaptureFixture[bytes]"
) -> None:
    given(environ, ".codex/config.toml", "model = 'm'\nx = \n")
    assert run(["mcp", "install", "codex"], environ) == Exit.PRECONDITION
    said = capfdbinary.readouterr().err.decode()
    assert "line 2" in said
    entered = tomllib.loads(said.partition("yourself:\n")[2])["mcp_servers"]["dome"]
    assert entered["env_vars"] == list(VARIABLES)


def test_a_change_leaves_a_private_copy_beside_the_file_and_keeps_its_mode(environ: dict[str, str]) -> None:
    path = given(environ, ".codex/config.toml", CODEX)
    path.chmod(0o640)
    [copy] = write([only("codex", environ)])
    assert copy.read_text() == CODEX
    assert (copy.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o600, 0o640)
    [second] = write([only("codex", environ, Entry("/other", ["mcp"]))])
    assert second.name == "config.toml.before-dome-2"


@pytest.mark.parametrize(
    ("agent", "name", "text"),
    [
        ("codex", ".codex/config.toml", CODEX.replace("\n", "\r\n")),
        ("claude", ".claude.json", '{\r\n  "shown": "cut \\ud83d",\r\n  "mcpServers": {}\r\n}\r\n'),
    ],
)
def test_ends_of_lines_and_halves_of_characters_stay(environ: dict[str, str], agent: str, name: str, text: str) -> None:
    path = Path(environ["HOME"], name)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode())
    [copy] = write([only(agent, environ)])
    assert copy.read_bytes() == text.encode()
    written = path.read_bytes().decode()
    assert text.splitlines()[0] + "\r\n" in written
    assert ("\\ud83d" in written) == ("\\ud83d" in text)
    assert not only(agent, environ).needed


def test_what_another_program_writes_in_the_meantime_is_not_lost(environ: dict[str, str]) -> None:
    path = given(environ, ".claude.json", "{}")
    change = only("claude", environ)
    path.write_text('{"told": 1}')
    with pytest.raises(NotInstalled, match="another program"):
        write([change])
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    path.write_text(change.after)
    assert write([change]) == []


def test_a_link_stays_a_link(environ: dict[str, str]) -> None:
    real = given(environ, "dotfiles/codex.toml", "")
    link = Path(environ["HOME"], ".codex", "config.toml")
    link.parent.mkdir()
    link.symlink_to(real)
    write([only("codex", environ)])
    assert link.is_symlink()
    assert "mcp_servers" in real.read_text()


def test_the_command_shows_first_and_writes_then(
    environ: dict[str, str], capfdbinary: "pytest.CaptureFixture[bytes]"
) -> None:
    path = Path(environ["HOME"], ".codex", "config.toml")
    assert run(["mcp", "install", "codex", "--dry-run", "--expose", "a.b"], environ) == 0
    shown, said = capfdbinary.readouterr()
    assert b'+args = ["mcp", "--expose", "a.b"]' in shown
    assert b"--skill" in said
    assert not path.exists()
    assert run(["mcp", "install", "codex", "--skill", "--json"], environ) == 0
    out, _ = capfdbinary.readouterr()
    assert [json.loads(line)["change"] for line in out.splitlines()] == ["create", "create"]
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("words", [["install"], ["--skill"], ["--dry-run"], ["install", "vim"]])
def test_half_a_command_is_refused(environ: dict[str, str], words: list[str]) -> None:
    with pytest.raises(SystemExit):
        run(["mcp", *words], environ)


def test_the_skill_is_one_that_agents_take(environ: dict[str, str]) -> None:
    _, change = plan("codex", ENTRY, environ, skill=True)
    assert change.path == Path(environ["HOME"], ".agents", "skills", "dome", "SKILL.md")
    _, head, body = change.after.split("---\n", 2)
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    assert fields["name"] == "dome"
    assert len(fields["description"]) <= 1_024
    assert [each.name for each in DEFINITIONS if f"`{each.name}`" not in body] == ["job_status"]


def test_the_entry_is_the_bridge_of_this_environment() -> None:
    found = entry(exposed=["a.b"], endpoint="unix:/s")
    assert found.arguments == ["mcp", "--endpoint", "unix:/s", "--expose", "a.b"]
    assert Path(found.command).name == "dome"


def test_without_the_package_for_toml_it_says_what_to_install(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    missing: Any = None
    monkeypatch.setitem(sys.modules, "tomlkit", missing)
    with pytest.raises(ExtraMissing) as refused:
        plan("codex", ENTRY, environ, skill=False)
    assert "dome-client[mcp]" in refused.value.remedy
