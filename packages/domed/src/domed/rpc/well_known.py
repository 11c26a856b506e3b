"""Durations and times in a request: the rules of their own contract, which no parser checks."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Final

from google.protobuf import descriptor, message

from domed.errors import FieldViolation, InvalidRequest

NANOS_MAX: Final = 999_999_999
DURATION_S_MAX: Final = 315_576_000_000
FIRST_S: Final = -62_135_596_800
"""The beginning of the year 1, in seconds since 1970."""
LAST_S: Final = 253_402_300_799
"""The end of the year 9999."""

_Path = tuple[str, ...]


def refuse_impossible(request: message.Message) -> None:
    """Raises InvalidRequest with every duration that is none, and every time."""
    violations = [
        FieldViolation(".".join(path), problem)
        for path in _paths(request.DESCRIPTOR)
        for value in _values(request, path)
        if (problem := _PROBLEMS[value.DESCRIPTOR.full_name](value))
    ]
    if violations:
        raise InvalidRequest(violations)


@cache
def _paths(kind: descriptor.Descriptor) -> tuple[_Path, ...]:
    """Where durations and times are, in messages of a kind."""
    return tuple(_found(kind, frozenset()))


def _found(kind: descriptor.Descriptor, above: frozenset[str]) -> Iterator[_Path]:
    for field in kind.fields:
        part = field.message_type
        if part is None or part.full_name in above:
            continue
        if part.full_name in _PROBLEMS:
            yield (field.name,)
        else:
            yield from ((field.name, *rest) for rest in _found(part, above | {kind.full_name}))


def _values(whole: Any, path: _Path) -> Iterator[Any]:
    name, *rest = path
    if whole.DESCRIPTOR.fields_by_name[name].is_repeated:
        parts = getattr(whole, name)
    else:
        parts = (getattr(whole, name),) if whole.HasField(name) else ()
    for part in parts:
        if rest:
            yield from _values(part, tuple(rest))
        else:
            yield part


def _duration_problem(duration: Any) -> str:
    """What is wrong with it; empty where nothing is."""
    seconds, nanos = duration.seconds, duration.nanos
    if abs(nanos) > NANOS_MAX:
        return f"is no duration: nanos must be from {-NANOS_MAX} to {NANOS_MAX}"
    if seconds * nanos < 0:
        return "is no duration: seconds and nanos have different signs"
    return "is no duration: it is longer than 10,000 years" if abs(seconds) > DURATION_S_MAX else ""


def _timestamp_problem(timestamp: Any) -> str:
    if not 0 <= timestamp.nanos <= NANOS_MAX:
        return f"is no time: nanos must be from 0 to {NANOS_MAX}"
    return "" if FIRST_S <= timestamp.seconds <= LAST_S else "is no time: it lies outside of the years 1 to 9999"


_PROBLEMS: Final[dict[str, Callable[[Any], str]]] = {
    "google.protobuf.Duration": _duration_problem,
    "google.protobuf.Timestamp": _timestamp_problem,
}
