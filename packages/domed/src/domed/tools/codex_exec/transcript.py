"""What the events of codex say, added up: what it did, what it used, its last message. Pure."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

COMMANDS_MAX: Final = 200
CHANGES_MAX: Final = 500
CALLS_MAX: Final = 200
ERRORS_MAX: Final = 20
WORDS_MAX: Final = 2000
"""Characters of a command or an error."""
PROGRESS_CHARACTERS_MAX: Final = 300
USAGE: Final = ("input_tokens", "cached_input_tokens", "output_tokens", "reasoning_output_tokens")

Item = Mapping[str, Any]


@dataclass(slots=True)
class Transcript:
    """The sum of all events so far. Of kinds that it does not know it counts the steps."""

    thread_id: str = ""
    message: str = ""
    is_completed: bool = False
    steps: int = 0
    doing: str = ""
    """What it does, or did last, for people."""
    fault: str = ""
    """Why the turn failed."""
    errors: list[str] = field(default_factory=list)
    usage: dict[str, int] = field(default_factory=lambda: dict.fromkeys(USAGE, 0))
    commands: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    left_out: int = 0

    def take(self, line: bytes) -> str:
        """Take in a line of its standard output. What is to be printed of it, for people; empty for nothing."""
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            return ""
        if not isinstance(event, dict):
            return ""
        match event.get("type"):
            case "thread.started":
                self.thread_id = _text(event.get("thread_id"))
            case "item.started":
                self._begin(_mapping(event.get("item")))
            case "item.completed":
                return self._finish(_mapping(event.get("item")))
            case "turn.completed":
                self.is_completed = True
                self._count(_mapping(event.get("usage")))
            case "turn.failed":
                self.fault = _text(_mapping(event.get("error")).get("message"))
            case "error":
                # It may be on its way to try again.
                return self._error(_text(event.get("message")))
        return ""

    def _begin(self, item: Item) -> None:
        self.doing = _line(_DOING.get(_text(item.get("type")), _nothing)(item)) or self.doing

    def _finish(self, item: Item) -> str:
        self.steps += 1
        self._begin(item)
        match item.get("type"):
            case "agent_message":
                self.message = _text(item.get("text"))
                return self.message
            case "command_execution":
                return self._command(item)
            case "file_change":
                return self._changed(item)
            case "mcp_tool_call":
                return self._called(item)
            case "error":
                return self._error(_text(item.get("message")))
        return ""

    def _command(self, item: Item) -> str:
        code = item.get("exit_code")
        code = code if isinstance(code, int) else None
        said, status = _text(item.get("command")), _text(item.get("status"))
        self._list(self.commands, COMMANDS_MAX, {"command": said[:WORDS_MAX], "status": status, "exit_code": code})
        return f"$ {said}" if code == 0 else f"$ {said}\n({status}, exit code {code})"

    def _changed(self, item: Item) -> str:
        changes = item.get("changes")
        found = [_mapping(each) for each in changes] if isinstance(changes, list) else []
        made = [{"path": _text(each.get("path")), "kind": _text(each.get("kind"))} for each in found]
        for change in made:
            self._list(self.changes, CHANGES_MAX, change)
        return "\n".join(f"{change['kind']} {change['path']}" for change in made)

    def _called(self, item: Item) -> str:
        call = {name: _text(item.get(name)) for name in ("server", "tool", "status")}
        self._list(self.calls, CALLS_MAX, call)
        return "{server}/{tool}: {status}".format(**call)

    def _error(self, message: str) -> str:
        self.errors = [*self.errors, message[:WORDS_MAX]][-ERRORS_MAX:]
        self.doing = _line(message)
        return f"error: {message}"

    def _list(self, rows: list[dict[str, Any]], most: int, row: dict[str, Any]) -> None:
        if len(rows) < most:
            rows.append(row)
        else:
            self.left_out += 1

    def _count(self, usage: Mapping[str, Any]) -> None:
        for name in USAGE:
            value = usage.get(name)
            self.usage[name] += value if isinstance(value, int) and value > 0 else 0


def _nothing(_: Item) -> str:
    return ""


_DOING: Final[Mapping[str, Callable[[Item], str]]] = {
    "agent_message": lambda item: _text(item.get("text")),
    "reasoning": lambda item: _text(item.get("text")),
    "command_execution": lambda item: f"$ {_text(item.get('command'))}",
    "file_change": lambda _: "changing files",
    "mcp_tool_call": lambda item: f"{_text(item.get('server'))}/{_text(item.get('tool'))}",
    "web_search": lambda item: f"searching the web: {_text(item.get('query'))}",
    "todo_list": lambda _: "planning",
}


def _line(words: str) -> str:
    return " ".join(words.split())[:PROGRESS_CHARACTERS_MAX]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
