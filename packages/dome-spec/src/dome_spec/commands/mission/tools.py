"""The tools by which agents reach missions: what each takes, and its folder with manifest and schemas."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from dome_spec.commands.mission.annotate import STATES
from dome_spec.commands.mission.arguments import FORM
from dome_spec.commands.mission.move import OPERATIONS
from dome_spec.commands.mission.review import VERDICTS
from dome_spec.commands.surroundings import Surroundings
from dome_spec.kernel.durable import make_directory, replace_file

_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_PLACES: Final = ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR")
"""Where the stores and the daemon are, as the user has it now."""
_TEXT: Final = {"type": "string", "minLength": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One of them."""

    verb: str
    title: str
    text: str
    fields: Mapping[str, Mapping[str, Any]]
    needed: tuple[str, ...]
    is_read_only: bool = False
    is_asking_the_daemon: bool = False
    """Whether it has something done by a job of its own."""

    @property
    def tool_id(self) -> str:
        """What it is called by."""
        return f"mission.{self.verb}"


def _field(description: str, **schema: Any) -> Mapping[str, Any]:
    return MappingProxyType({"description": description, **(schema or _TEXT)})


_MISSION: Final = {"mission": _field("The mission, by id, short id, slug or number.")}
_EFFECTOR: Final = {"effector": _field(f"Who acts: {FORM}.")}
_PACKAGE: Final = {"package": _field("The work package, such as WP01.")}
_WITNESS: Final = {
    "witness": _field("DIGEST@VERSION of the artefact that was read; `mission.next` gives it. It has to hold now.")
}
_LIST: Final = {"type": "array", "items": _TEXT, "minItems": 1}

TOOLS: Final = (
    Tool(
        verb="next",
        title="What comes next in a mission",
        text="Says what comes next for an effector, with all it has to know and the witness that a claim has to show.",
        fields={**_MISSION, **_EFFECTOR},
        needed=("mission", "effector"),
        is_read_only=True,
    ),
    Tool(
        verb="claim",
        title="Claim a work package",
        text="Takes a package to carry it out, or to review it where it waits for a review.",
        fields={**_MISSION, **_PACKAGE, **_EFFECTOR, **_WITNESS},
        needed=("mission", "package", "effector", "witness"),
    ),
    Tool(
        verb="subtask",
        title="Say where a subtask stands",
        text="Ticks a subtask of a package off, or opens it again.",
        fields={
            **_MISSION, **_PACKAGE, **_EFFECTOR,
            "subtask": _field("The subtask, such as T001."),
            "state": _field("Where it stands.", enum=list(STATES)),
        },
        needed=("mission", "package", "effector", "subtask", "state"),
    ),
    Tool(
        verb="move",
        title="Move a work package",
        text="Changes the lane of a package; with a commit, both as one unit.",
        fields={
            **_MISSION, **_PACKAGE, **_EFFECTOR, **_WITNESS,
            "operation": _field("What is done.", enum=list(OPERATIONS)),
            "reason": _field("Why, where the table asks for it."),
            "commits": _field("The work, as BASE..HEAD."),
            "check": _field("Jobs that checked the work.", **_LIST),
            "run": _field("A run of the package's plan, whose gates checked the work."),
            "commit": _field("With `submit`: commit as well; the first line of its message."),
            "path": _field("With `commit`: the files of it, from the root of the repository.", **_LIST),
        },
        needed=("mission", "package", "effector", "operation"),
        is_asking_the_daemon=True,
    ),
    Tool(
        verb="review",
        title="Review a work package",
        text="Says what a review found, and approves the package or requests changes.",
        fields={
            **_MISSION, **_PACKAGE, **_EFFECTOR, **_WITNESS,
            "verdict": _field("What the reviewer says.", enum=list(VERDICTS)),
            "finding": _field("What blocks, each as `PATH:LINE: TEXT` or as text.", **_LIST),
            "suggest": _field("What blocks nothing.", **_LIST),
            "check": _field("Jobs that checked the very commit; without any, those handed in with the work.", **_LIST),
            "run": _field("A run of the package's plan, whose gates checked the work."),
        },
        needed=("mission", "package", "effector", "verdict", "witness"),
        is_asking_the_daemon=True,
    ),
)  # fmt: skip
"""All of them."""


def words_of(tool: Tool, given: Mapping[str, Any]) -> list[str]:
    """The words of the command that carries an input out. What is positional comes first."""
    positional = [name for name in ("mission", "package", "subtask", "state", "operation") if name in tool.fields]
    words = ["mission", tool.verb, *(str(given[name]) for name in positional)]
    for name, value in given.items():
        if name in positional:
            continue
        option = "--as" if name == "effector" else f"--{name}"
        words += [f"{option}={each}" for each in (value if isinstance(value, list) else [value])]
    return [*words, *(["--query"] if tool.is_read_only else []), "--json"]


def write_tool(root: Path, tool: Tool, scene: Surroundings) -> Path:
    """Write the folder of a tool, or bring it up to date."""
    folder = root / tool.tool_id
    make_directory(folder)
    _write(folder / "input.json", _schema(f"{tool.title}: input", tool.fields, tool.needed))
    _write(folder / "output.json", _schema(f"{tool.title}: result", {}, ()) | {"additionalProperties": True})
    _write(folder / "tool.yaml", _manifest(tool, scene))  # every JSON document is YAML
    return folder


def _manifest(tool: Tool, scene: Surroundings) -> dict[str, Any]:
    places = {name: scene.environ[name] for name in _PLACES if name in scene.environ}
    return {
        "manifest_version": "1",
        "tool_id": tool.tool_id,
        "version": "1.0.0",
        "title": tool.title,
        "short_description": tool.text,
        "executor": {"backend": "local-process", "command": [*this_command(), "mission", "as-tool", tool.verb]},
        "input_schema": "input.json",
        "output_schema": "output.json",
        "hints": {
            "read_only": tool.is_read_only, "destructive": False, "idempotent": tool.is_read_only, "open_world": False
        },
        "effects": _effects(tool),
        "working_directory": "required",
        **({"environment": {"set": places}} if places else {}),
    }  # fmt: skip


def _effects(tool: Tool) -> dict[str, Any]:
    """What the kernel holds the tool to; one that asks the daemon to nothing, for the daemon does everything."""
    if tool.is_asking_the_daemon:
        return {"filesystem": "write", "network": "any", "starts_processes": True}
    reach = "read" if tool.is_read_only else "write"
    return {"filesystem": reach, "network": "none", "starts_processes": False}


def this_command() -> list[str]:
    """How `dome` was started: the interpreter, and what stands before the words."""
    given = len(sys.argv) - 1
    _, first, *rest = sys.orig_argv[: len(sys.orig_argv) - given]
    return [sys.executable, first if first.startswith("-") else os.path.abspath(first), *rest]


def _schema(title: str, fields: Mapping[str, Mapping[str, Any]], needed: tuple[str, ...]) -> dict[str, Any]:
    return {
        "$schema": _DRAFT,
        "title": title,
        "type": "object",
        "additionalProperties": False,
        "required": list(needed),
        "properties": {name: dict(field) for name, field in fields.items()},
    }


def _write(path: Path, value: Any) -> None:
    replace_file(path, json.dumps(value, indent=2).encode() + b"\n")
