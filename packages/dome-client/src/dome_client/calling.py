"""How often a call is tried, and how a stream goes on after its connection broke.

Repeats only what changes nothing the second time; the caller says what that is. Of the calls by name it knows the
streams of events, of changes and of an artifact's bytes, and the status that tells whether a stream of events is
complete.
"""

import asyncio
import errno
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final, TypeVar, cast

from dome_client.channel import Channels, RuntimeStub
from dome_client.endpoint import Endpoint
from dome_client.errors import DaemonUnreachable, DomeError, StreamBroken, WatchBroken
from dome_client.failures import CALL_FAILURES, from_exception
from dome_client.waking import Waking
from dome_contracts.runtime.v1 import (
    GetJobStatusRequest,
    ReadArtifactRequest,
    ReadArtifactResponse,
    StreamJobEventsRequest,
    StreamJobEventsResponse,
    WatchJobsRequest,
    WatchJobsResponse,
)

T = TypeVar("T")
Starter = Callable[[], Awaitable[None]]
"""Makes sure that a daemon listens. Raises StartFailed."""

_UNAVAILABLE: Final = 14
_NOBODY_LISTENS: Final = (errno.ENOENT, errno.ECONNREFUSED)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for what."""

    call_timeout_s: float = 30.0
    """For the answer to one attempt of a call."""
    retry_s: float = 15.0
    """For a daemon that went away during a call to come back."""
    reconnect_s: float = 60.0
    """The same during a stream."""
    silence_s: float = 45.0
    """For anything on a stream, three heartbeats long. A stream that is silent for longer is taken for lost."""
    delay_min_s: float = 0.02
    delay_max_s: float = 1.0
    """Between attempts: the delay doubles from the one to the other."""


PATIENT: Final = Patience()


class Caller:
    """Makes calls and streams over the connections of one client."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        environ: Mapping[str, str],
        start: Starter | None,
        patience: Patience,
        client_name: str = "",
        waking: Waking | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._environ = environ
        self._start = start
        self._patience = patience
        self._channels = Channels(endpoint, client_name=client_name, waking=waking)

    def close(self) -> None:
        """Close all connections."""
        self._channels.close()

    async def call(self, call: Callable[[RuntimeStub, float], Awaitable[T]]) -> T:
        """The answer to a call that may be repeated. `call` is given a stub and the time it may take, in seconds."""
        recovery = _Recovery(self._patience, self._patience.retry_s, self._start)
        while True:
            try:
                return await call(self._channels.calls(), self._patience.call_timeout_s)
            except CALL_FAILURES as error:
                await recovery.after(self._told(error), cause=error)

    async def read(self, request: ReadArtifactRequest) -> AsyncGenerator[bytes, None]:
        """The bytes of an artifact, over as many connections as it takes: each goes on where the one before broke."""
        recovery = _Recovery(self._patience, self._patience.reconnect_s, self._start)
        while True:
            try:
                async with aclosing(self._pieces(request)) as messages:
                    async for message in messages:
                        request = replace(request, offset=request.offset + len(message.data))
                        recovery.succeeded()
                        yield message.data
                return
            except CALL_FAILURES as error:
                await recovery.after(self._told(error), cause=error)

    def _pieces(self, request: ReadArtifactRequest) -> AsyncGenerator[ReadArtifactResponse, None]:
        return self._messages(lambda stub: stub.read_artifact(request))

    async def stored(self, request: StreamJobEventsRequest) -> AsyncGenerator[bytes, None]:
        """The events of a stream in the bytes in which they came. Nothing is checked, and nothing is resumed."""
        try:
            async with aclosing(self._messages(lambda stub: stub.stored_events(request))) as messages:
                async for message in messages:
                    for data in message.events:
                        yield data
        except CALL_FAILURES as error:
            raise self._told(error) from error

    async def follow(self, request: StreamJobEventsRequest) -> AsyncGenerator[StreamJobEventsResponse, None]:
        """A stream of events to its end, over as many connections as it takes.

        Each event once, in order, without gaps. Raises StreamBroken where the daemon sends them otherwise.
        """
        recovery = _Recovery(self._patience, self._patience.reconnect_s, self._start)
        finished = False
        while True:
            try:
                # Read to its end also after the terminal event: then its connection can serve another stream.
                async with aclosing(self._events(request)) as messages:
                    async for message in messages:
                        request = replace(request, since_seq=_position(message, request))
                        recovery.succeeded()
                        finished = finished or any(event.finished is not None for event in message.events)
                        yield message
                if finished or not request.follow or await self._is_complete(request):
                    return
                raise ConnectionResetError  # a daemon that is going away lets go of its streams
            except CALL_FAILURES as error:
                if finished:
                    return
                await recovery.after(self._told(error), cause=error)

    async def watch(self, request: WatchJobsRequest) -> AsyncGenerator[WatchJobsResponse, None]:
        """A stream of changes, which has no end, over as many connections as it takes.

        Each change once, in order, without gaps but for what the filters leave out. Raises WatchBroken where the daemon
        sends them otherwise.
        """
        recovery = _Recovery(self._patience, self._patience.reconnect_s, self._start)
        while True:
            try:
                async with aclosing(self._changes(request)) as messages:
                    async for message in messages:
                        _check_order(message, request)
                        request = replace(request, since_revision=message.revision, store_id=message.store_id)
                        recovery.succeeded()
                        yield message
                raise ConnectionResetError  # a daemon that is going away lets go of its streams
            except CALL_FAILURES as error:
                await recovery.after(self._told(error), cause=error)

    def _changes(self, request: WatchJobsRequest) -> AsyncGenerator[WatchJobsResponse, None]:
        return self._messages(lambda stub: stub.watch_jobs(request))

    def _events(self, request: StreamJobEventsRequest) -> AsyncGenerator[StreamJobEventsResponse, None]:
        return self._messages(lambda stub: stub.stream_job_events(request))

    async def _messages(self, open_stream: Callable[[RuntimeStub], AsyncIterator[T]]) -> AsyncGenerator[T, None]:
        """The messages of a stream that is never silent for long."""
        with self._channels.stream() as stub:
            stream = cast("AsyncGenerator[T, None]", open_stream(stub))
            async with aclosing(stream):
                while True:
                    try:
                        async with asyncio.timeout(self._patience.silence_s):
                            message = await anext(stream)
                    except StopAsyncIteration:
                        return
                    except TimeoutError:
                        raise ConnectionResetError from None
                    yield message

    async def _is_complete(self, request: StreamJobEventsRequest) -> bool:
        """Whether a followed stream that ended without the terminal event began after it."""
        status = GetJobStatusRequest(job_id=request.job_id)
        answer = await self._channels.calls().get_job_status(status, timeout=self._patience.call_timeout_s)
        return answer.job is not None and answer.job.outcome is not None and answer.job.last_seq == request.since_seq

    def _told(self, error: Exception) -> DomeError:
        return from_exception(error, self._endpoint, self._environ)


class _Recovery:
    """What to do after a failed attempt: raise, start a daemon, or wait for a while."""

    def __init__(self, patience: Patience, wait_s: float, start: Starter | None) -> None:
        self._patience = patience
        self._wait_s = wait_s
        self._start = start
        self._connected = False
        self._give_up_at: float | None = None
        self._delay_s = patience.delay_min_s

    def succeeded(self) -> None:
        """The connection works: what failed before does not count any more.

        From here on no daemon is started: whoever stopped this one while the stream ran may want it so.
        """
        self._connected = True
        self._start = None
        self._give_up_at = None
        self._delay_s = self._patience.delay_min_s

    async def after(self, error: DomeError, *, cause: Exception) -> None:
        """Return when it is time for another attempt. Raises `error` when it is not."""
        nobody_listens = (
            isinstance(error, DaemonUnreachable)
            and error.os_error is not None
            and error.os_error.errno in _NOBODY_LISTENS
        )
        went_away = error.connection_lost if isinstance(error, DaemonUnreachable) else error.grpc_status == _UNAVAILABLE
        if nobody_listens and self._start is not None:
            start, self._start = self._start, None
            await start()
            return
        self._connected |= went_away
        if not (went_away or (nobody_listens and self._connected)):
            raise error from cause
        now = asyncio.get_running_loop().time()
        if self._give_up_at is None:
            self._give_up_at = now + self._wait_s
        delay_s = max(self._delay_s, error.retry_after_s or 0.0)
        if now + delay_s > self._give_up_at:
            raise error from cause
        self._delay_s = min(self._delay_s * 2, self._patience.delay_max_s)
        await asyncio.sleep(delay_s)


def _check_order(message: WatchJobsResponse, request: WatchJobsRequest) -> None:
    """Without filters revisions count by one. From 0 on, which means the oldest that is kept, the first is any."""
    position = request.since_revision
    gapless = not (request.states or request.skill_id or request.run_id or request.labels)
    for change in message.changes:
        if change.revision <= position or (gapless and position and change.revision != position + 1):
            raise WatchBroken(position=position, revision=change.revision)
        position = change.revision


def _position(message: StreamJobEventsResponse, request: StreamJobEventsRequest) -> int:
    """What a reader has after this message."""
    position = request.since_seq
    for event in message.events:
        in_order = event.seq > position if request.suppress_output else event.seq == position + 1
        if not in_order:
            raise StreamBroken(request.job_id, position=position, seq=event.seq)
        position = event.last_seq
    return max(position, message.heartbeat.position if message.heartbeat is not None else 0)
