"""What is known of the call that is being served, for handlers that are given only its message."""

from contextvars import ContextVar
from dataclasses import dataclass

from dome_contracts.runtime.v1 import Requester


@dataclass(frozen=True, slots=True)
class Call:
    """One call, as the edge let it in."""

    number: int
    """Counts the calls of this daemon; in every line of the log that the call causes."""
    method: str
    """`SkillExecute`: without package and service."""
    requester: Requester
    """Who calls: user, process and client. Session and call ids come with the request."""


_current: ContextVar[Call] = ContextVar("domed_call")


def current_call() -> Call:
    """The call that is being served. Raises LookupError outside of one."""
    return _current.get()


def enter(call: Call) -> None:
    """Make it the current call of this task. The task ends with the call, so nothing has to be undone."""
    _current.set(call)
