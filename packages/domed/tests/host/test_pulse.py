"""What a service manager is told again and again, and when it is not."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from domed.host.notify import Notify
from domed.host.pulse import Told, ask_for_time, pulse
from packages.domed.tests.values import FixedClock


async def never() -> None:
    await asyncio.Event().wait()


async def at_once() -> None:
    await asyncio.sleep(0)


class Manager:
    """Hears."""

    def __init__(self, hears: socket.socket) -> None:
        self._hears = hears

    async def heard(self, what: str) -> None:
        """Return when it was told."""
        async with asyncio.timeout(10):
            while what not in (await asyncio.get_running_loop().sock_recv(self._hears, 1000)).decode():
                pass

    def silence(self) -> bool:
        """Whether nothing was said."""
        try:
            return not self._hears.recv(1000)
        except BlockingIOError:
            return True


@asynccontextmanager
async def a_manager(place: Path) -> AsyncIterator[tuple[Manager, Notify]]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as hears:
        hears.bind(str(place / "notify"))
        hears.setblocking(False)
        yield Manager(hears), Notify(str(place / "notify"))


def told(*, answers: Callable[[], Awaitable[None]] = at_once, status: Callable[[], str] = lambda: "well") -> Told:
    return Told(status=status, changed=never, answers=answers)


async def test_the_watchdog_is_fed_while_everything_answers(tmp_path: Path) -> None:
    async with a_manager(tmp_path) as (manager, notify), pulse(notify, told(), watchdog_s=0.03):
        for _ in range(5):
            await manager.heard("WATCHDOG=1")


async def test_the_watchdog_starves_while_the_store_does_not_answer(tmp_path: Path) -> None:
    asked, answer = asyncio.Event(), asyncio.Event()

    async def stuck() -> None:
        asked.set()
        await answer.wait()

    async with a_manager(tmp_path) as (manager, notify), pulse(notify, told(answers=stuck), watchdog_s=0.001):
        await manager.heard("STATUS=well")
        await asked.wait()
        for _ in range(100):
            await asyncio.sleep(0)
        assert manager.silence()
        answer.set()
        await manager.heard("WATCHDOG=1")


async def test_without_a_watchdog_nothing_is_asked(tmp_path: Path) -> None:
    async def defect() -> None:
        raise AssertionError("nobody wants to know")

    async with a_manager(tmp_path) as (manager, notify), pulse(notify, told(answers=defect), watchdog_s=None):
        await manager.heard("STATUS=well")


async def test_the_status_is_told_when_it_has_changed_and_not_again(tmp_path: Path) -> None:
    rung = asyncio.Event()
    states = ["one", "one", "two"]

    async def changed() -> None:
        if len(states) > 1:
            states.pop(0)
        else:
            rung.set()
            await never()

    what = Told(status=lambda: states[0], changed=changed, answers=never)
    async with a_manager(tmp_path) as (manager, notify), pulse(notify, what, watchdog_s=None):
        await manager.heard("STATUS=one")
        await manager.heard("STATUS=two")
        await rung.wait()
        assert manager.silence()


async def test_what_fails_when_it_is_asked_ends_the_block(tmp_path: Path) -> None:
    async def broken() -> None:
        raise OSError("the store failed")

    async with a_manager(tmp_path) as (_, notify):
        try:
            async with asyncio.timeout(10), pulse(notify, told(answers=broken), watchdog_s=1):
                await never()
        except* OSError as caught:
            assert str(caught.exceptions[0]) == "the store failed"


async def test_time_to_end_is_asked_for_no_longer_than_the_end_may_take(tmp_path: Path) -> None:
    clock = FixedClock()
    async with a_manager(tmp_path) as (manager, notify):
        await ask_for_time(notify, clock, at_most_s=0)
        assert manager.silence()
        asking = asyncio.create_task(ask_for_time(notify, clock, at_most_s=60))
        await manager.heard("EXTEND_TIMEOUT_USEC=30000000")
        asking.cancel()
