"""The eight tools that every MCP client sees: names, words, schemas and hints. Data only.

The whole listing has a budget of characters, for a client shows it to its model with every request.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

LISTING_CHARACTERS_MAX: Final = 6_000
"""Most characters of the listing of these tools, as JSON."""
WAIT_S_DEFAULT: Final = 20
WAIT_S_MAX: Final = 24
"""Longest wait for a job in one call. Clients give up on a call after 30 s and more."""

INSTRUCTIONS: Final = (
    "Dome runs tools on this machine as durable jobs: each has an id, numbered events and a record of what exactly "
    "ran, and goes on when this session ends. Find tools with search_tools, look at one with describe_tool, run it "
    "with run_read_only_tool where it is marked (r), else with run_tool. A job that outlives the call comes back as "
    "an id: wait for it with job_wait, read its output with job_events. On an error read `next`."
)


@dataclass(frozen=True, slots=True)
class Hints:
    """What a client decides by whether it asks a person first."""

    read_only: bool
    destructive: bool
    idempotent: bool
    open_world: bool


@dataclass(frozen=True, slots=True)
class Definition:
    """One entry of the listing."""

    name: str
    description: str
    input_schema: Mapping[str, Any]
    output_schema: Mapping[str, Any]
    hints: Hints


def _object(*required: str, **properties: Mapping[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    return schema | {"required": list(required)} if required else schema


def _text(description: str = "") -> dict[str, Any]:
    return {"type": "string", "description": description} if description else {"type": "string"}


_INTEGER: Final = {"type": "integer"}
_FLAG: Final = {"type": "boolean"}
_OPEN: Final = {"type": "object"}
_TEXTS: Final = {"type": "array", "items": {"type": "string"}}
_WAIT: Final = {"type": "number", "minimum": 0, "maximum": WAIT_S_MAX}
_DIRECTORY: Final = _text("Absolute; default: the server's")

JOB_PROPERTIES: Final[Mapping[str, Mapping[str, Any]]] = {
    "job_id": _text(),
    "state": _text(),
    "message": _text(),
    "result": _OPEN,
    "output_tail": _TEXTS,
    "error": _OPEN,
    "next_after": _INTEGER,
    "next": _text(),
}
"""What an answer about a job says, and an error."""
_JOB: Final = _object("message", **JOB_PROPERTIES)
_JOB_SHORT: Final = _object("message", job_id=_text(), state=_text(), message=_text(), result=_OPEN)
_RUN_INPUT: Final = _object(
    "tool_id",
    tool_id=_text(),
    input={"type": "object", "description": "By the tool's input_schema"},
    wait_s=_WAIT,
    working_directory=_DIRECTORY,
    idempotency_key=_text("Same key and request: same job"),
)
_ASKING: Final = Hints(read_only=True, destructive=False, idempotent=True, open_world=False)

SEARCH: Final = Definition(
    "search_tools",
    "Find what Dome can run on this machine: repository search, tests, commits, programs, the user's own tools. "
    "Without a query: all. Entries are `id: what it does`; (r) marks read-only tools, (!) those the user has not "
    "approved.",
    _object(query=_text("Words that must all appear"), working_directory=_DIRECTORY),
    _object("message", tools=_TEXTS, total=_INTEGER, message=_text()),
    _ASKING,
)
DESCRIBE: Final = Definition(
    "describe_tool",
    "Show one tool in full: description, input and output schema, hints, what to run it with.",
    _object("tool_id", tool_id=_text(), working_directory=_DIRECTORY),
    _object(
        "message",
        tool_id=_text(),
        description=_text(),
        input_schema=_OPEN,
        output_schema=_OPEN,
        run_with=_text(),
        message=_text(),
    ),
    _ASKING,
)
RUN_READ_ONLY: Final = Definition(
    "run_read_only_tool",
    f"Run a tool that is marked (r), as a job; wait up to wait_s (default {WAIT_S_DEFAULT}) for its end. Refuses "
    "others. Gives the result, or the job_id where the job goes on.",
    _RUN_INPUT,
    _JOB,
    Hints(read_only=True, destructive=False, idempotent=False, open_world=True),
)
RUN: Final = Definition(
    "run_tool",
    "Run any approved tool or program, as run_read_only_tool does; it may change files or use the network.",
    _RUN_INPUT,
    _JOB,
    Hints(read_only=False, destructive=True, idempotent=False, open_world=True),
)
STATUS: Final = Definition(
    "job_status",
    "Say how a job stands, without waiting. result_offset: read on in a long result.",
    _object("job_id", job_id=_text(), result_offset={"type": "integer", "minimum": 0}),
    _JOB_SHORT,
    _ASKING,
)
WAIT: Final = Definition(
    "job_wait",
    f"Wait up to wait_s (default {WAIT_S_DEFAULT}) for the end of a job and give its result. Repeat while it runs.",
    _object("job_id", job_id=_text(), wait_s=_WAIT),
    _JOB,
    _ASKING,
)
EVENTS: Final = Definition(
    "job_events",
    "Read output (logs), progress and other events of a job: lines `seq kind text`. Read on with after=next_after; "
    "after=-50 gives the last 50. wait_s (default 0): for the first new event.",
    _object("job_id", job_id=_text(), after=_INTEGER, wait_s=_WAIT),
    _object("message", state=_text(), events=_TEXTS, next_after=_INTEGER, more=_FLAG, message=_text()),
    _ASKING,
)
CANCEL: Final = Definition(
    "cancel_job",
    "Ask a job to end, and say how it stands a moment later.",
    _object("job_id", job_id=_text(), reason=_text()),
    _JOB_SHORT,
    Hints(read_only=False, destructive=False, idempotent=True, open_world=False),
)

DEFINITIONS: Final = (SEARCH, DESCRIBE, RUN_READ_ONLY, RUN, STATUS, WAIT, EVENTS, CANCEL)
