"""The line to the daemon: repeats what nobody answered, and knows for how long nobody has.

Whoever asks waits until there is an answer; that there will be none is found out in one place, `watch_over`, which ends
after the time that was agreed, however patient the client is.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import aclosing
from typing import Any, Final, TypeVar

from dome_contracts.runtime.v1 import JobEvent, ListCapabilitiesResponse
from dome_spec.dispatch.ports import Listener, RuntimePlane
from dome_spec.dispatch.refusals import Unavailable, failure_of

T = TypeVar("T")
PULSE_S: Final = 1.0
"""How long nothing may be heard of the daemon before it is asked whether it is there."""
_DELAY_MIN_S: Final = 0.05
_DELAY_MAX_S: Final = 1.0


class DaemonLost(Exception):
    """Nobody has answered for as long as it was agreed to wait."""

    def __init__(self, *, waited_s: float, message: str) -> None:
        super().__init__(message)
        self.waited_s = waited_s
        self.message = message


class StoreReplaced(Exception):
    """The daemon that answers has another store than the one that was asked before, and knows nothing of its jobs."""

    def __init__(self, *, before: str, found: str) -> None:
        super().__init__(f"The daemon's store is another one ({found}) than when this was asked for.")
        self.before = before


class Line:
    """All calls of one run."""

    def __init__(
        self, plane: RuntimePlane, *, lost_s: float, listener: Listener, met: Callable[[ListCapabilitiesResponse], None]
    ) -> None:
        """`met` hears of a daemon whose store is another one than that of the last."""
        self.plane = plane
        self.store_id = ""
        """Store of the daemon that answered last; empty before the first one has."""
        self._met = met
        self._is_doubtful = False
        self._lost_s = lost_s
        self._listener = listener
        self._heard_at = asyncio.get_running_loop().time()
        self._last_failure = "the daemon does not answer"

    async def ask_once(self, call: Callable[[RuntimePlane], Awaitable[T]]) -> T:
        """The answer to a call on which nothing depends yet. Raises DaemonLost where nobody answers at once."""
        try:
            answer = await call(self.plane)
        except Exception as error:
            self._note(error)
            raise DaemonLost(waited_s=0.0, message=self._last_failure) from error
        self._heard()
        return answer

    def doubt(self) -> None:
        """Find out before the next call whether the daemon is still the same one."""
        self._is_doubtful = True

    async def ask(self, call: Callable[[RuntimePlane], Awaitable[T]], *, store_id: str = "") -> T:
        """The answer to a call that may be repeated. Any error but that nobody answers is raised.

        With `store_id`, of a daemon with this store alone. Raises StoreReplaced.
        """
        delay_s = _DELAY_MIN_S
        while True:
            try:
                await self._check_store(store_id)
                answer = await call(self.plane)
            except StoreReplaced:
                raise
            except Exception as error:  # noqa: BLE001 - a client's errors have no class here; all but one are raised on
                self._note(error)
            else:
                self._heard()
                return answer
            await asyncio.sleep(delay_s)
            delay_s = min(delay_s * 2, _DELAY_MAX_S)

    async def follow(self, job_id: str, *, since_seq: int = 0, store_id: str = "") -> AsyncGenerator[JobEvent, None]:
        """The events of a job until a stream of them ends, over as many as broke off before. Each event comes once."""
        delay_s = _DELAY_MIN_S
        while True:
            try:
                await self._check_store(store_id)
                async with aclosing(self.plane.events(job_id, since_seq=since_seq)) as events:
                    async for event in events:
                        self._heard()
                        if event.last_seq > since_seq:
                            since_seq, delay_s = event.last_seq, _DELAY_MIN_S
                            yield event
                return
            except Exception as error:  # noqa: BLE001 - as above
                self._note(error)
            await asyncio.sleep(delay_s)
            delay_s = min(delay_s * 2, _DELAY_MAX_S)

    async def watch_over(self) -> None:
        """Asks for a sign of life whenever nothing is heard. Ends by DaemonLost alone."""
        loop = asyncio.get_running_loop()
        while True:
            quiet_s = loop.time() - self._heard_at
            if quiet_s >= self._lost_s:
                raise DaemonLost(waited_s=quiet_s, message=self._last_failure)
            if quiet_s < PULSE_S:
                await asyncio.sleep(PULSE_S - quiet_s)
                continue
            try:
                async with asyncio.timeout(self._lost_s - quiet_s):
                    found = await self.plane.capabilities()
                if self.store_id:
                    self.meet(found)
            except TimeoutError:
                continue
            except Exception as error:  # noqa: BLE001 - as above
                self._note(error)
                self._listener.daemon_away(since_s=loop.time() - self._heard_at, message=self._last_failure)
                await asyncio.sleep(min(PULSE_S, self._lost_s / 4))
            else:
                self._heard()

    def meet(self, capabilities: ListCapabilitiesResponse) -> None:
        """Take note of who answers."""
        self._is_doubtful = False
        if capabilities.store_id != self.store_id:
            self.store_id = capabilities.store_id
            self._met(capabilities)

    async def _check_store(self, store_id: str) -> None:
        """After nobody has answered, whoever answers next may be another daemon. Raises StoreReplaced."""
        if self._is_doubtful and self.store_id:
            self.meet(await self.plane.capabilities())
        if store_id and store_id != self.store_id:
            raise StoreReplaced(before=store_id, found=self.store_id)

    def _heard(self) -> None:
        self._heard_at = asyncio.get_running_loop().time()

    def _note(self, error: Exception) -> None:
        """Remember that nobody answered. Raises the error where it says something else."""
        failure = failure_of(error)
        if not isinstance(failure, Unavailable):
            raise error
        self._last_failure = failure.message
        if failure.answered:
            self._heard()
        else:
            self.doubt()


async def while_there(pulse: asyncio.Task[None], work: Coroutine[Any, Any, None]) -> None:
    """Wait for the work, but no longer than there is a daemon. Raises what the work raises."""
    task = asyncio.create_task(work)
    try:
        await asyncio.wait({pulse, task}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
