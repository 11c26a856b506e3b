"""Lines of the log that strangers can cause as often as they like, and must not fill the disk with.

Of each kind the first is written at once; those that follow are counted, and told by one line a period.
"""

from dataclasses import dataclass
from typing import Final

from domed.clock import Clock
from domed.telemetry import Log

PERIOD_S: Final = 60.0


@dataclass(slots=True)
class _Told:
    log: Log
    since_s: float
    more: int = 0


class Seldom:
    """Warnings of which a few say as much as all."""

    def __init__(self, clock: Clock, *, period_s: float = PERIOD_S) -> None:
        self._clock = clock
        self._period_s = period_s
        self._told: dict[str, _Told] = {}

    def warning(self, log: Log, message: str, **fields: object) -> None:
        """Write it, or count it. `message` is the kind: a text of the daemon's, with nothing of the caller's."""
        now_s = self._clock.monotonic()
        told = self._told.get(message)
        if told is not None:
            told.more += 1
            if now_s - told.since_s < self._period_s:
                return
            if told.more > 1:
                fields |= _summary(told, now_s)
        log.warning(message, **fields)
        self._told[message] = _Told(log, now_s)

    def tell_rest(self) -> None:
        """Write what was counted and not told, because nobody came since."""
        now_s = self._clock.monotonic()
        for message, told in self._told.items():
            if told.more:
                told.log.warning(message, **_summary(told, now_s))
        self._told.clear()


def _summary(told: _Told, now_s: float) -> dict[str, object]:
    return {"times": told.more, "within_s": now_s - told.since_s}
