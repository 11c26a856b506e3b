"""Errors of calls, as text and as JSON."""

from typing import TYPE_CHECKING, Any

from dome_client.cli.render.words import printable

if TYPE_CHECKING:
    from dome_client.errors import DomeError


def failure_text(error: "DomeError") -> str:
    """What went wrong, where, and what to do."""
    head = f"dome: {error.reason}: {error.message}" if error.reason else f"dome: {error.message}"
    lines = [*head.splitlines()]
    more = [f"at {each.field}: {each.description}" for each in error.violations]
    more += [f"{name}: {value}" for name, value in sorted(error.metadata.items()) if value not in error.message]
    more += error.remedy.splitlines()
    lines += [
        f"  {each}" for each in more if each.removeprefix("at ") not in error.message
    ]  # a daemon may have said it
    return "\n".join(printable(line) for line in lines)


def failure_document(error: "DomeError") -> dict[str, Any]:
    """The same as one JSON object."""
    return {
        "error": {
            "reason": error.reason,
            "message": error.message,
            "metadata": error.metadata,
            "violations": [{"field": each.field, "description": each.description} for each in error.violations],
            "retryable": error.retryable,
            "remedy": error.remedy,
        }
    }
