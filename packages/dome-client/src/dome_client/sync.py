"""The SDK for programs without a loop: the same calls, waited for; streams as iterators.

    with dome_client.sync.connect() as dome:
        job = dome.execute("repo.search", {"pattern": "TODO"}, working_directory="/path")
        for event in dome.events(job.job_id):
            ...

A loop in a thread of its own does the work, so it can be used from any thread, also from one that has a loop. Ctrl-C in
a call or in an iteration ends that, in order; the client can be used on, and jobs go on.
"""

import asyncio
import contextvars
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Mapping
from concurrent import futures
from functools import wraps
from types import TracebackType
from typing import TYPE_CHECKING, Any, Concatenate, Final, Generic, ParamSpec, Self, TypeVar

from dome_client import connection
from dome_client.calling import PATIENT, Patience
from dome_client.client import Client

if TYPE_CHECKING:
    from dome_client.testing import FakeRuntime

P = ParamSpec("P")
R = TypeVar("R")
_END: Final = object()


def connect(
    endpoint: str | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    start_on_demand: bool = True,
    patience: Patience = PATIENT,
    client_name: str = "",
) -> "SyncClient":
    """As `dome_client.connect`. Raises EndpointInvalid, ValueError."""
    return SyncClient(
        connection.connect(
            endpoint, environ=environ, start_on_demand=start_on_demand, patience=patience, client_name=client_name
        )
    )


def _call(
    method: Callable[Concatenate[Client, P], Coroutine[Any, Any, R]],
) -> "Callable[Concatenate[SyncClient, P], R]":
    """The same call, waited for."""
    name = method.__name__

    @wraps(method)
    def call(self: "SyncClient", /, *args: P.args, **kwargs: P.kwargs) -> R:
        made: Coroutine[Any, Any, R] = getattr(self.runtime, name)(*args, **kwargs)
        return self.finish(made)

    return call


def _stream(
    method: Callable[Concatenate[Client, P], AsyncGenerator[R, None]],
) -> "Callable[Concatenate[SyncClient, P], Generator[R, None, None]]":
    """The same stream, as an iterator. Close it (`contextlib.closing`) where you leave it early."""
    name = method.__name__

    @wraps(method)
    def stream(self: "SyncClient", /, *args: P.args, **kwargs: P.kwargs) -> Generator[R, None, None]:
        source: AsyncGenerator[R, None] = getattr(self.runtime, name)(*args, **kwargs)
        try:
            while (each := self.finish(_next(source))) is not _END:
                yield each
        finally:
            self.finish(_close(source))

    return stream


async def _close(source: AsyncGenerator[Any, None]) -> None:
    await source.aclose()


async def _next(source: AsyncGenerator[R, None]) -> Any:
    return await anext(source, _END)


class SyncClient:
    """What `Client` does, without `await`. Close it, or use it in `with`."""

    def __init__(self, runtime: "Client | FakeRuntime") -> None:
        self.runtime = runtime
        """Who does it: a client, or for tests a FakeRuntime."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="dome-client", daemon=True)
        self._thread.start()

    capabilities = _call(Client.capabilities)
    tools = _call(Client.tools)
    tool = _call(Client.tool)
    trust = _call(Client.trust)
    untrust = _call(Client.untrust)
    approvals = _call(Client.approvals)
    execute = _call(Client.execute)
    execute_request = _call(Client.execute_request)
    retry = _call(Client.retry)
    status = _call(Client.status)
    jobs = _call(Client.jobs)
    listing = _call(Client.listing)
    cancel = _call(Client.cancel)
    wait = _call(Client.wait)
    locks = _call(Client.locks)
    events = _stream(Client.events)
    stored_events = _stream(Client.stored_events)
    watch = _stream(Client.watch)
    artifact = _stream(Client.artifact)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections and end the thread. Jobs go on."""
        if self._loop.is_closed():
            return
        self.finish(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        if isinstance(self.runtime, Client):
            await self.runtime.aclose()
        await self._loop.shutdown_asyncgens()

    def finish(self, work: Coroutine[Any, Any, R]) -> R:
        """What comes of the work. An exception in this thread, such as Ctrl-C, ends it first."""
        return _Run(work, self._loop).result()


class _Run(Generic[R]):
    """One piece of work on the loop of another thread."""

    def __init__(self, work: Coroutine[Any, Any, R], loop: asyncio.AbstractEventLoop) -> None:
        self._work = work
        self._loop = loop
        self._task: asyncio.Task[R] | None = None
        self._done: futures.Future[R] = futures.Future()
        self._context = contextvars.copy_context()  # the caller's: a trace is found there

    def result(self) -> R:
        """Begin it, and wait for it."""
        if self._loop.is_closed():
            self._work.close()
            raise RuntimeError("this client is closed")
        try:
            self._loop.call_soon_threadsafe(self._start)
            return self._done.result()
        except BaseException:
            if not self._done.done():
                self._loop.call_soon_threadsafe(self._stop)
                futures.wait([self._done])
            raise

    def _start(self) -> None:
        self._task = self._loop.create_task(self._work, context=self._context)
        self._task.add_done_callback(self._tell)

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
        else:  # it was not even begun
            self._work.close()
            self._done.cancel()

    def _tell(self, task: "asyncio.Task[R]") -> None:
        if task.cancelled():
            self._done.set_exception(futures.CancelledError())
        elif error := task.exception():
            self._done.set_exception(error)
        else:
            self._done.set_result(task.result())
