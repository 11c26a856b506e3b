"""Answers to tool calls, before they are messages of a protocol: content for a model, and errors it can act on.

What a model is shown of a structured answer is that alone, so it says everything: what happened, why, and in `next`
what to do. Knows no SDK of the protocol.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from dome_client.errors import DaemonUnreachable, DomeError, EndpointInvalid, FieldViolation, StartFailed
from dome_contracts.rpc_errors import RPC_ERRORS

_TEXT_CHARACTERS_MAX: Final = 2_000
_VIOLATIONS_MAX: Final = 20
_FIELD_CHARACTERS_MAX: Final = 200
_LEVELS_MAX: Final = 100
"""Deepest nesting of a value in an answer. Libraries for JSON stop at some depth, and then drop the whole answer."""
_TOO_DEEP: Final = f"it is nested deeper than {_LEVELS_MAX} levels"
_DEADLINE_EXCEEDED: Final = 4
_CONTROLS: Final = {code: f"\\x{code:02x}" for code in (*range(0x20), 0x7F, *range(0x80, 0xA0))} | {
    ord(kept): kept for kept in "\t\n"
}

OWN_REASONS: Final[Mapping[str, str]] = {
    "DAEMON_UNREACHABLE": "Nothing answers at the daemon's socket, or the connection broke and did not come back.",
    "DAEMON_START_FAILED": "No daemon ran, and it could not be started.",
    "ENDPOINT_INVALID": "The configured endpoint is none that a client can use.",
    "DEADLINE_EXCEEDED": "The daemon did not answer within the time that a call has.",
    "ANSWER_BROKEN": "The daemon sent what its contract does not allow, or this client does not know it.",
}
"""Reasons that no daemon sends: why it was not reached, or not understood."""


_NEXT: Final[Mapping[str, str]] = {
    "SKILL_NOT_FOUND": "Find the tool's id with search_tools.",
    "NOT_RUNNABLE": "Read it with describe_tool, or find a tool with search_tools.",
    "JOB_NOT_FOUND": "Use the job_id that run_tool or run_read_only_tool gave.",
    "INVALID_REQUEST": "Mend what the violations name; describe_tool shows the input_schema.",
    "EVENTS_GONE": "Read on from `oldest`: job_events with after one less.",
    "SEQ_AHEAD": "Call job_events with after not above `latest`.",
    "TOOL_UNTRUSTED": "Ask the user to look at the tool and to run the command, or use another tool.",
    "LIMIT_EXCEEDED": "Wait for calls and jobs that are on their way, then call again.",
}
"""What a model can do, where the remedy of the contract speaks to somebody at a command line."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool call comes back with."""

    content: Mapping[str, Any]
    is_error: bool = False
    meta: Mapping[str, str] = field(default_factory=dict)
    """For the client, not for its model: ids and digests."""


def refusal(reason: str, message: str, *, violations: tuple[FieldViolation, ...] = (), **metadata: str) -> DomeError:
    """An error of the bridge itself, with a reason of the contract and its remedy."""
    known = RPC_ERRORS[reason]
    return DomeError(
        message,
        grpc_status=known.grpc_status,
        reason=reason,
        metadata=metadata,
        violations=violations,
        retryable=known.retryable,
        remedy=known.remedy,
    )


def out_of_time(what: str) -> DomeError:
    """The daemon needed longer than a call has."""
    return DomeError(
        what,
        grpc_status=_DEADLINE_EXCEEDED,
        retryable=True,
        remedy="Call again; if that does not help, let the user look with `dome doctor`.",
    )


def failure(error: DomeError, **known: Any) -> Answer:
    """An error as an answer. `known`: what is known in spite of it, such as the job's id."""
    details: dict[str, Any] = {"reason": reason_of(error), "retryable": error.retryable}
    if error.retry_after_s is not None:
        details["retry_after_s"] = error.retry_after_s
    if error.violations:
        details["violations"] = [
            {"field": shown(each.field, _FIELD_CHARACTERS_MAX), "description": shown(each.description)}
            for each in error.violations[:_VIOLATIONS_MAX]
        ]
    if error.metadata:
        details["metadata"] = {name: shown(value) for name, value in sorted(error.metadata.items())}
    content = {**known, "message": shown(error.message), "error": details}
    remedy = error.remedy if error.remedy != _remedy(error.reason) else _NEXT.get(error.reason, error.remedy)
    if remedy:
        content["next"] = shown(remedy)
    return Answer(content, is_error=True)


def _remedy(reason: str) -> str:
    known = RPC_ERRORS.get(reason)
    return known.remedy if known is not None else ""


def reason_of(error: DomeError) -> str:
    """The reason of an error; where no daemon gave one, the one of OWN_REASONS that fits."""
    if error.reason:
        return error.reason
    match error:
        case StartFailed():
            return "DAEMON_START_FAILED"
        case DaemonUnreachable():
            return "DAEMON_UNREACHABLE"
        case EndpointInvalid():
            return "ENDPOINT_INVALID"
    return "DEADLINE_EXCEEDED" if error.grpc_status == _DEADLINE_EXCEEDED else "ANSWER_BROKEN"


def shown(text: str, characters_max: int = _TEXT_CHARACTERS_MAX) -> str:
    """Text that steers no terminal it may reach, cut where it is too long."""
    cut = text if len(text) <= characters_max else f"{text[:characters_max]}… ({len(text) - characters_max:,} more)"
    return cut.translate(_CONTROLS)


def parsed(text: str | bytes) -> Any:
    """The value of a JSON text. Raises ValueError for what is none, or nested deeper than every client takes."""
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    if not _fits(value, _LEVELS_MAX):
        raise ValueError(_TOO_DEEP)
    return value


def _fits(value: Any, levels: int) -> bool:
    match value:
        case dict():
            return levels > 0 and all(_fits(each, levels - 1) for each in value.values())
        case list():
            return levels > 0 and all(_fits(each, levels - 1) for each in value)
    return True


def harmless(value: Any) -> Any:
    """A JSON value whose texts steer no terminal."""
    match value:
        case str():
            return value.translate(_CONTROLS)
        case dict():
            return {str(name).translate(_CONTROLS): harmless(each) for name, each in value.items()}
        case list():
            return [harmless(each) for each in value]
    return value
