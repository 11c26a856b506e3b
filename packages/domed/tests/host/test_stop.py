"""How the daemon is told to end."""

import asyncio
import os
import signal

import pytest

from domed.host import stop
from domed.host.stop import Stops, stop_signals, told_to_stop
from packages.domed.tests.values import FixedClock


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_asks_for_the_end(number: signal.Signals) -> None:
    async with asyncio.timeout(5), stop_signals() as stops:
        os.kill(os.getpid(), number)
        await told_to_stop(stops, FixedClock(), idle_exit_s=None, last_busy_s=lambda: None)


async def test_the_end_comes_when_nobody_wants_anything_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stop, "LOOK_S", 0.001)
    clock, looks = FixedClock(), 0

    def last_busy_s() -> float | None:
        """Busy at the first ten looks, then a call ends at second 25, then nobody."""
        nonlocal looks
        looks += 1
        clock.advance(2)
        return None if looks <= 10 else 25.0

    async with asyncio.timeout(5):
        await told_to_stop(Stops(), clock, idle_exit_s=30.0, last_busy_s=last_busy_s)
    assert 55.0 < clock.monotonic() <= 60.0
