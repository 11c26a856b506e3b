"""The launchers of an executor: children of the daemon that wait for one order each, so that no run waits for Python.

Their server is started with the first run that needs one, and again where it has gone. Of each kind that was used one
is made ahead. Belongs to one event loop. Knows no orders.
"""

import asyncio
import weakref
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Final, TypeVar

from domed.executors.launch import Kind
from domed.executors.launch_server import Answer, Greeting, Launcher, LauncherGone, Server
from domed.executors.start_fault import SpawnError

ANSWER_WAIT_S: Final = 10.0
"""A server that is silent for so long is ended."""
ATTEMPTS_MAX: Final = 3
"""So many servers are started for one run."""
AHEAD: Final = 1
"""So many launchers of a kind are made before a run needs them."""
KEPT_MAX: Final = 4
"""Of a kind, when runs are given up that waited for one."""
_Said = TypeVar("_Said")


@dataclass(slots=True)
class _Owned:
    """What is given back at the end, whoever forgets to."""

    server: Server | None = None
    ready: defaultdict[Kind, deque[Launcher]] = field(default_factory=lambda: defaultdict(deque))

    def give_back(self) -> None:
        if self.server is not None:
            self.server.end()
            self.server = None
        for launchers in self.ready.values():
            while launchers:
                launchers.pop().dismiss()


@dataclass(frozen=True, slots=True)
class _Request:
    kind: Kind
    answer: "asyncio.Future[Launcher] | None"
    """None: it is made ahead."""
    grouped: bool


class LauncherRefused(SpawnError):
    """The kernel does not give this user a launcher of the kind."""


class Launchers:
    """Gives launchers."""

    def __init__(self, *, variable: str) -> None:
        """`variable`: the one that names the job in a run's environment, with a value as long as there."""
        self._variable = variable
        self._owned = _Owned()
        self._requests: dict[int, _Request] = {}
        self._number = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._greeting: asyncio.Future[Greeting] | None = None
        weakref.finalize(self, self._owned.give_back)

    @property
    def server_pid(self) -> int | None:
        """The process id of the server; None where none is started."""
        return None if self._owned.server is None else self._owned.server.pid

    def ready(self, kind: Kind) -> int:
        """How many wait."""
        return len(self._owned.ready[kind])

    def close(self) -> None:
        """End the server and the launchers that wait. The next run starts others."""
        self._lose(LauncherGone())
        self._owned.give_back()

    async def greeting(self) -> Greeting:
        """What the server found out about the kernel. Raises SpawnError."""
        self._server()
        assert self._greeting is not None
        try:
            return await self._in_time(asyncio.shield(self._greeting))
        except LauncherGone:
            raise _gone() from None

    async def take(self, kind: Kind, *, group: int | None = None) -> Launcher:
        """A launcher; another is made for the next run. Raises SpawnError.

        `group`: descriptor of the control group that it is to be born in. Such a one is not made ahead.
        """
        if group is not None:
            return await self._made(kind, group=group)
        ready = self._owned.ready[kind]
        launcher = ready.popleft() if ready else await self._made(kind)
        self._make_ahead(kind)
        return launcher

    async def _made(self, kind: Kind, *, group: int | None = None) -> Launcher:
        for _ in range(ATTEMPTS_MAX):
            answer: asyncio.Future[Launcher] = asyncio.get_running_loop().create_future()
            request = _Request(kind, answer, grouped=group is not None)
            try:
                self._ask(request, group=group)
                return await self._in_time(answer)
            except LauncherGone:
                continue
            except (asyncio.CancelledError, SpawnError):
                # It may have come in the moment in which it was given up.
                if answer.done() and not answer.cancelled() and answer.exception() is None:
                    self._keep(request, answer.result())
                raise
        raise _gone()

    def _make_ahead(self, kind: Kind) -> None:
        expected = sum(request.kind is kind and request.answer is None for request in self._requests.values())
        if expected + len(self._owned.ready[kind]) >= AHEAD:
            return
        try:
            self._ask(_Request(kind, None, grouped=False))
        except LauncherGone:
            # The next run starts another server.
            return

    def _ask(self, request: _Request, *, group: int | None = None) -> None:
        server = self._server()
        self._number += 1
        try:
            server.ask(self._number, request.kind, group=group)
        except LauncherGone as error:
            self._lose(error)
            raise
        self._requests[self._number] = request

    def _server(self) -> Server:
        if self._owned.server is None:
            self._loop = loop = asyncio.get_running_loop()
            try:
                self._owned.server = Server(variable=self._variable)
            except OSError as error:
                raise SpawnError(f"What is to hold programs cannot be started: {error.strerror}.") from error
            self._greeting = loop.create_future()
            loop.add_reader(self._owned.server.socket, self._hear, self._owned.server)
        return self._owned.server

    def _hear(self, server: Server) -> None:
        try:
            for said in server.answers():
                match said:
                    case Greeting():
                        if self._greeting is not None and not self._greeting.done():
                            self._greeting.set_result(said)
                    case Answer(number, launcher, problem):
                        self._give(self._requests.pop(number), launcher, problem)
        except LauncherGone as error:
            self._lose(error)

    def _give(self, request: _Request, launcher: Launcher | None, problem: str) -> None:
        answer = request.answer
        if answer is not None and not answer.done():
            if launcher is not None:
                answer.set_result(launcher)
            else:
                answer.set_exception(LauncherRefused(f"What is to hold the program cannot be started: {problem}."))
        elif launcher is not None:
            self._keep(request, launcher)

    def _keep(self, request: _Request, launcher: Launcher) -> None:
        """Keep a launcher that nobody waits for."""
        if request.grouped or len(self._owned.ready[request.kind]) >= KEPT_MAX:
            # It may stand in the control group of a run that was given up.
            launcher.dismiss()
        else:
            self._owned.ready[request.kind].append(launcher)

    async def _in_time(self, answer: "asyncio.Future[_Said]") -> _Said:
        try:
            async with asyncio.timeout(ANSWER_WAIT_S):
                return await answer
        except TimeoutError:
            self._lose(LauncherGone())
            raise SpawnError(f"What is to hold the program did not answer in {ANSWER_WAIT_S:g} s.") from None

    def _lose(self, error: LauncherGone) -> None:
        """Do without the server. Whoever waits for an answer hears of it; launchers that are ready stay."""
        server, self._owned.server = self._owned.server, None
        if server is None:
            return
        if self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(server.socket)
        server.end()
        waiting = [request.answer for request in self._requests.values()] + [self._greeting]
        self._requests.clear()
        for answer in waiting:
            if answer is not None and not answer.done():
                answer.set_exception(error)
                # Nobody may be waiting any more, and then it is nobody's.
                answer.exception()


def _gone() -> SpawnError:
    return SpawnError("What is to hold the program ended without a word.")
