"""Ids that sort by time: `<prefix>-<body>`, the body 26 lower-case characters of Crockford's base 32.

A body holds 48 bits of milliseconds and 80 random bits. Pure: time, entropy and the id made last are
handed in. Says how an id looks; does not say that the thing it names exists.
"""

import re
from typing import Final, NamedTuple, NewType

ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
BODY_LENGTH: Final = 26
ENTROPY_BYTES: Final = 10
TIME_MS_MAX: Final = 2**48 - 1

Body = NewType("Body", str)
JobId = NewType("JobId", str)
RunId = NewType("RunId", str)
EventId = NewType("EventId", str)
IncidentId = NewType("IncidentId", str)
RefusalId = NewType("RefusalId", str)
IdempotencyKey = NewType("IdempotencyKey", str)

_ENTROPY_BITS: Final = 8 * ENTROPY_BYTES
_PAIRS: Final = tuple(first + second for first in ALPHABET for second in ALPHABET)
_PAIR_SHIFTS: Final = tuple(range(5 * (BODY_LENGTH - 2), -1, -10))
_TO_BASE_32: Final = str.maketrans(ALPHABET, "0123456789abcdefghijklmnopqrstuv")
_BODY: Final = f"[0-7][{ALPHABET}]{{{BODY_LENGTH - 1}}}"
_ID: Final = re.compile(f"([a-z]+)-({_BODY})")
_RUN_ID: Final = re.compile(r"run-[0-9A-Za-z._-]{1,64}")
_EVENT_ID: Final = re.compile(f"evt-({_BODY})-([1-9][0-9]{{0,18}})")


class InvalidId(ValueError):
    """The text is no id of the wanted kind. The message says what one looks like."""


class EventAddress(NamedTuple):
    """What an event id says: the job and the sequence number in it."""

    job_id: JobId
    seq: int


def body(*, time_ms: int, entropy: bytes, after: Body | None = None) -> Body:
    """A body for this time, greater than `after`: within one millisecond, or if the clock went back, the next one.

    `after` is the body made last by the same maker; ids of several makers sort by time only.
    """
    if not 0 <= time_ms <= TIME_MS_MAX or len(entropy) != ENTROPY_BYTES:
        raise ValueError(f"an id needs 0 <= time_ms <= {TIME_MS_MAX} and {ENTROPY_BYTES} random bytes")
    number = time_ms << _ENTROPY_BITS | int.from_bytes(entropy)
    if after is not None and time_ms <= time_ms_of(after):
        number = _number(after) + 1
    if number >> _ENTROPY_BITS > TIME_MS_MAX:
        raise ValueError("no id sorts after the last one")
    return Body("".join([_PAIRS[number >> shift & 1023] for shift in _PAIR_SHIFTS]))


def job_id(made: Body) -> JobId:
    """`job-<body>`: one accepted request to run a tool."""
    return JobId(f"job-{made}")


def run_id(made: Body) -> RunId:
    """`run-<body>`: one undertaking, which jobs belong to."""
    return RunId(f"run-{made}")


def incident_id(made: Body) -> IncidentId:
    """`inc-<body>`: one unexpected error, found again in the log."""
    return IncidentId(f"inc-{made}")


def refusal_id(made: Body) -> RefusalId:
    """`ref-<body>`: one refused request in the audit table."""
    return RefusalId(f"ref-{made}")


def idempotency_key(made: Body) -> IdempotencyKey:
    """`key-<body>`: the key a client makes for a request that names none."""
    return IdempotencyKey(f"key-{made}")


def event_id(job: JobId, seq: int) -> EventId:
    """`evt-<body of the job>-<seq>`: derived, so that it is the same wherever it is asked for."""
    if seq < 1:
        raise ValueError("events of a job count from 1")
    return EventId(f"evt-{body_of(job)}-{seq}")


def parse_job_id(text: str) -> JobId:
    """The text as a job id. Raises InvalidId."""
    if (match := _ID.fullmatch(text)) is None or match[1] != "job":
        raise InvalidId(f"{text[:80]!r} is no job id: job-<{BODY_LENGTH} characters>")
    return JobId(text)


def parse_run_id(text: str) -> RunId:
    """The text as a run id, which the caller may have chosen: `run-` and 1 to 64 characters. Raises InvalidId."""
    if _RUN_ID.fullmatch(text) is None:
        raise InvalidId(f"{text[:80]!r} is no run id: run-<1 to 64 letters, digits, dots, dashes or underscores>")
    return RunId(text)


def parse_event_id(text: str) -> EventAddress:
    """The job and sequence number that an event id names. Raises InvalidId."""
    if (match := _EVENT_ID.fullmatch(text)) is None:
        raise InvalidId(f"{text[:80]!r} is no event id: evt-<{BODY_LENGTH} characters>-<seq>")
    return EventAddress(JobId(f"job-{match[1]}"), int(match[2]))


def body_of(identifier: str) -> Body:
    """The body of any id but an event's. Raises InvalidId."""
    if (match := _ID.fullmatch(identifier)) is None:
        raise InvalidId(f"{identifier[:80]!r} is no id: <prefix>-<{BODY_LENGTH} characters>")
    return Body(match[2])


def time_ms_of(made: Body) -> int:
    """The milliseconds since the epoch at which a body was made."""
    return _number(made) >> _ENTROPY_BITS


def _number(made: Body) -> int:
    return int(made.translate(_TO_BASE_32), 32)
