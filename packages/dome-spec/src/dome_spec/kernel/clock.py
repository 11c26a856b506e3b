"""Time: the clock that is handed in, and the two forms a moment has.

At the edges a moment is text, RFC 3339 in UTC; inside of stores it is an integer of microseconds, because text of
varying fraction does not sort. The one home of the machine's clock in this plane.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_TEXT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z", re.ASCII)


class Clock(Protocol):
    """Says what time it is."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands: what is asked of a named moment has the same answer whenever it is asked."""

    at: datetime

    def now(self) -> datetime:
        return self.at


class NotAMoment(ValueError):
    """The text is no moment in UTC."""


def timestamp(moment: datetime) -> str:
    """The moment as text: RFC 3339 in UTC, without a fraction where it has none."""
    text = moment.astimezone(UTC).isoformat()
    return text.removesuffix("+00:00") + "Z"


def micros(text: str) -> int:
    """Microseconds since 1970 of a moment given as text. Raises NotAMoment."""
    return micros_of(moment(text))


def moment(text: str) -> datetime:
    """The moment that a text names. Raises NotAMoment."""
    if _TEXT.fullmatch(text) is None:
        raise NotAMoment(f"{text[:80]!r} is no moment in UTC, such as 2024-05-17T09:30:15Z")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise NotAMoment(f"{text[:80]!r} is no moment: {error}") from error


def micros_of(when: datetime) -> int:
    """Microseconds since 1970."""
    return (when - _EPOCH) // _MICROSECOND


def from_micros(count: int) -> datetime:
    """The moment that is so many microseconds after the beginning of 1970."""
    return _EPOCH + timedelta(microseconds=count)
