"""Where codex, claude and gemini keep their MCP servers and skills, and what Dome's entry there is.

An entry that is there keeps what its owner added; what Dome needs is set.
"""

import json
import shutil
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from dome_client.endpoint import home_directory
from dome_client.mcp.agent_files import Change, NotInstalled, read
from dome_client.mcp.extra import ExtraMissing
from dome_client.mcp.json_text import put, without_comments

AGENTS: Final = ("codex", "claude", "gemini")
NAME: Final = "dome"
VARIABLES: Final = ("XDG_RUNTIME_DIR", "DOMED_ENDPOINT", "XDG_STATE_HOME", "XDG_CONFIG_HOME")
"""What codex takes from a server's environment unless its entry names it, and by which the daemon is found."""
_CODEX_DEFAULTS: Final[Mapping[str, Any]] = {
    "required": True,
    "startup_timeout_sec": 20,
    "tool_timeout_sec": 60,
    "supports_parallel_tool_calls": True,
}
"""Without `required` codex asks its model before the tools are there."""
_GEMINI_TIMEOUT_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Entry:
    """How an agent starts the bridge."""

    command: str
    arguments: Sequence[str]


def entry(*, exposed: Sequence[str] = (), endpoint: str | None = None) -> Entry:
    """The bridge of this environment."""
    options = [word for each in exposed for word in ("--expose", each)]
    named = ["--endpoint", endpoint] if endpoint is not None else []
    beside = Path(sys.executable).parent / "dome"
    command = str(beside) if beside.exists() else shutil.which("dome") or "dome"
    return Entry(command, ["mcp", *named, *options])


def plan(agent: str, wanted: Entry, environ: Mapping[str, str], *, skill: bool) -> Sequence[Change]:
    """What is to be changed for an agent. Raises NotInstalled where a file there cannot be understood."""
    match agent:
        case "codex":
            changes = [_codex(_codex_home(environ) / "config.toml", wanted)]
        case "claude":
            changes = [_json(_claude_file(environ), {"type": "stdio", **_common(wanted)}, {"env": {}})]
        case _:
            settings = home_directory(environ) / ".gemini" / "settings.json"
            timeout = {"timeout": _GEMINI_TIMEOUT_MS}
            changes = [_json(settings, _common(wanted), timeout, read_as=without_comments)]
    if skill:
        changes.append(_skill(agent, environ))
    return changes


def _codex_home(environ: Mapping[str, str]) -> Path:
    named = environ.get("CODEX_HOME", "")
    return Path(named) if named.startswith("/") else home_directory(environ) / ".codex"


def _claude_file(environ: Mapping[str, str]) -> Path:
    named = environ.get("CLAUDE_CONFIG_DIR", "")
    return (Path(named) if named.startswith("/") else home_directory(environ)) / ".claude.json"


def _skill(agent: str, environ: Mapping[str, str]) -> Change:
    """The text that teaches an agent when to use Dome, where that agent looks for such texts."""
    named = environ.get("CLAUDE_CONFIG_DIR", "")
    if agent == "claude":
        root = Path(named) if named.startswith("/") else home_directory(environ) / ".claude"
    else:
        root = home_directory(environ) / ".agents"
    path = root / "skills" / NAME / "SKILL.md"
    text = (files("dome_client.mcp") / "skill" / "SKILL.md").read_text(encoding="utf-8")
    return Change(path, read(path), text)


def _codex(path: Path, wanted: Entry) -> Change:
    try:
        import tomlkit
        from tomlkit.exceptions import TOMLKitError
    except ModuleNotFoundError as error:
        raise ExtraMissing(error) from error
    before = read(path)
    try:
        tomllib.loads(before or "")  # says better than the other where something is wrong
        document = tomlkit.parse(before or "")
        servers: Any = document.setdefault("mcp_servers", tomlkit.table(is_super_table=True))
        server: Any = servers.setdefault(NAME, tomlkit.table())
        _put(server, "command", wanted.command)
        _put(server, "args", _kept_arguments(server.get("args"), wanted))
        named = [str(each) for each in server.get("env_vars", [])]
        _put(server, "env_vars", [*named, *(each for each in VARIABLES if each not in named)])
        for name, value in _CODEX_DEFAULTS.items():
            server.setdefault(name, value)
        after = tomlkit.dumps(document)
        tomllib.loads(after)  # codex does not start with a file that it cannot read
    except (TOMLKitError, ValueError, AttributeError, TypeError) as error:
        remedy = f"Mend it, or write into it yourself:\n{_codex_block(wanted)}"
        raise NotInstalled(path, f"it is no configuration of codex ({error})", remedy=remedy) from error
    return Change(path, before, after)


def _codex_block(wanted: Entry) -> str:
    values = {"command": wanted.command, "args": list(wanted.arguments), "env_vars": list(VARIABLES), **_CODEX_DEFAULTS}
    # What JSON and TOML write alike.
    return "\n".join([f"[mcp_servers.{NAME}]", *(f"{name} = {json.dumps(value)}" for name, value in values.items())])


def _common(wanted: Entry) -> dict[str, Any]:
    return {"command": wanted.command, "args": list(wanted.arguments)}


def _json(
    path: Path, needed: Mapping[str, Any], defaults: Mapping[str, Any], *, read_as: Callable[[str], str] = str
) -> Change:
    """What is there stays as it is written; `read_as` gives the JSON where an agent allows more than that."""
    before = read(path)
    remedy = f"Mend it, or write into it yourself: {json.dumps({'mcpServers': {NAME: {**needed, **defaults}}})}"
    try:
        after = before if before and before.strip() else "{}\n"
        server = json.loads(read_as(after)).get("mcpServers", {}).get(NAME)
        wanted = {**needed, **{name: value for name, value in defaults.items() if server is None or name not in server}}
        if server is None:
            after = put(after, ["mcpServers", NAME], wanted)
        else:
            wanted["args"] = _kept_arguments(server.get("args"), wanted["args"])
            for name, value in wanted.items():
                after = put(after, ["mcpServers", NAME, name], value) if server.get(name) != value else after
        json.loads(read_as(after))  # what an agent cannot read it may throw away
    except (ValueError, AttributeError, TypeError) as error:
        raise NotInstalled(path, f"it is no such file as is expected there ({error})", remedy=remedy) from error
    return Change(path, before, after)


def _kept_arguments(present: Any, wanted: Any) -> list[str]:
    """What an earlier installation named stands where this one names nothing."""
    arguments = list(wanted.arguments) if isinstance(wanted, Entry) else list(wanted)
    words = [str(each) for each in present] if isinstance(present, list) else []
    return words if words[:1] == ["mcp"] and arguments == ["mcp"] else arguments


def _put(table: Any, name: str, value: Any) -> None:
    """Set it only where it is another: what is not touched keeps its comments and its form."""
    if table.get(name) != value:
        table[name] = value
