"""What is known of the call that is being served: for handlers, which are given only its message, and for its audit."""

from contextvars import ContextVar
from dataclasses import dataclass

from dome_contracts.runtime.v1 import Correlation, Requester


@dataclass(frozen=True, slots=True)
class Call:
    """One call, as the edge let it in."""

    number: int
    """Counts the calls of this daemon; in every line of the log that the call causes."""
    method: str
    """`SkillExecute`: without package and service."""
    requester: Requester
    """Who calls: user, process and client. Session and call ids come with the request."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a call is about, as far as its request says."""

    skill_id: str = ""
    request_digest: str = ""
    client_session_id: str = ""
    client_call_id: str = ""


_current: ContextVar[Call] = ContextVar("domed_call")
_subject: ContextVar[Subject] = ContextVar("domed_subject")


def current_call() -> Call:
    """The call that is being served. Raises LookupError outside of one."""
    return _current.get()


def enter(call: Call) -> None:
    """Make it the current call of this task. The task ends with the call, so nothing has to be undone."""
    _current.set(call)
    _subject.set(Subject())


def concern(skill_id: str, *, correlation: Correlation | None = None, request_digest: str = "") -> None:
    """Say what the current call is about, for the audit of a refusal."""
    said = correlation or Correlation()
    _subject.set(Subject(skill_id, request_digest, said.client_session_id, said.client_call_id))


def current_subject() -> Subject:
    """What the current call was said to be about."""
    return _subject.get()
