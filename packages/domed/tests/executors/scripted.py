"""An executor without processes: it plays acts. For tests of what stands on executors."""

import asyncio
import contextlib
import json
from base64 import b64decode
from collections.abc import Collection, Generator, Mapping, Sequence

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import (
    EffectsEnforcement,
    Enforcement,
    OutputStream,
    Progress,
    SignalCause,
    Signaled,
    SurvivorFound,
)
from domed.executors.channel import ARTIFACTS_MAX, ChannelError, Failure, Result, declaration
from domed.executors.output import Framed, OutputLimit, frame
from domed.executors.port import (
    Canceled,
    Containment,
    DeclaredArtifact,
    Effects,
    Emit,
    End,
    Exit,
    Exited,
    Invocation,
    Observation,
    OutputLimitReached,
    SpawnFailed,
    TimedOut,
)
from packages.domed.tests.executors.acts import Act, dump

PROGRAM = "acts"
START_S = 0.3
"""A player that has not said anything for so long has had its turn: nothing has to be loaded for it."""
STREAMS = {1: OutputStream.STDOUT, 2: OutputStream.STDERR}


def program(acts: Sequence[Act]) -> list[str]:
    """What the scripted executor takes for a program."""
    return [PROGRAM, dump(acts)]


class ScriptedExecutor:
    """Plays the acts in the last argument of a command."""

    backend = "local-process"
    version = "scripted"

    def __init__(self) -> None:
        self.invocations: list[Invocation] = []
        self.invoked = asyncio.Event()
        self.survivors: dict[JobId, Sequence[Signaled | SurvivorFound]] = {}

    async def enforcement(self, effects: Effects) -> EffectsEnforcement:
        declared = Enforcement.DECLARED
        # It has no process that could do anything, so only the network is beyond doubt.
        network = Enforcement.ENFORCED if effects.network == "none" else declared
        return EffectsEnforcement(filesystem=declared, network=network, processes=declared)

    async def containment(self) -> Containment:
        return Containment()

    async def run(self, invocation: Invocation, *, emit: Emit, stop: asyncio.Event) -> Exit:
        self.invocations.append(invocation)
        self.invoked.set()
        if invocation.argv[0] != PROGRAM:
            return Exit(end=SpawnFailed(f"The program {invocation.argv[0]!r} does not exist."))
        return await _Play(invocation, emit, stop).to_end()

    async def end_survivors(
        self, job_ids: Collection[JobId], *, grace_s: float
    ) -> Mapping[JobId, Sequence[Signaled | SurvivorFound]]:
        return {job_id: facts for job_id, facts in self.survivors.items() if job_id in job_ids}


class _Ended(Exception):
    """The play is over."""

    def __init__(self, end: End) -> None:
        self.end = end


class _Play:
    def __init__(self, invocation: Invocation, emit: Emit, stop: asyncio.Event) -> None:
        self._invocation = invocation
        self._emit = emit
        self._stop = stop
        self._limits = invocation.limits
        self._limit = OutputLimit(invocation.limits.output_bytes_max)
        self._ignores_term = False
        self._frames: dict[int, Generator[Framed, bytes | None, None]] = {fd: frame(STREAMS[fd]) for fd in STREAMS}
        self._progress: Progress | None = None
        self._exit = Exit(end=Exited(0, None))
        self._result = b""
        self._failure = Failure("", "")
        self._error = ""
        self._artifacts: dict[str, DeclaredArtifact] = {}
        self._run_end = asyncio.get_running_loop().time() + invocation.limits.run_timeout_s

    async def to_end(self) -> Exit:
        for frames in self._frames.values():
            next(frames)
        end: End = Exited(0, None)
        try:
            for kind, value in json.loads(self._invocation.argv[1]):
                await self._play(kind, value)
        except _Ended as ended:
            end = ended.end
        if self._progress is not None:
            await self._emit([self._progress])
        for fd in self._frames:
            await self._write(fd, None)
        if left_out := self._limit.left_out():
            await self._emit(left_out)
        self._invocation.when_over(tuple(self._artifacts.values()))
        return Exit(
            end=end,
            result=self._result,
            failure_reason_code=self._failure.reason_code,
            failure_message=self._failure.message,
            channel_error=self._error,
            artifacts=tuple(self._artifacts.values()),
        )

    async def _play(self, kind: str, value: object) -> None:
        match kind, value:
            case "write", [int(fd), str(data)]:
                await self._write(fd, b64decode(data))
            case "copy", _:
                await self._write(1, self._invocation.payload)
            case "declare", str(data):
                for line in b64decode(data).splitlines():
                    self._declare(line)
            case "give", int(size):
                self._declare(b'{"type":"result","value":"' + b"x" * size + b'"}')
            case "ignore", _:
                self._ignores_term = True
            case "hang", _:
                await self._hang()
            case "talk", float(every_s):
                await self._talk(every_s)
            case "leave", int(exit_code):
                raise _Ended(Exited(exit_code, None))

    async def _write(self, fd: int, data: bytes | None) -> None:
        framed = self._frames[fd].send(data)
        if framed.pages and (pages := self._limit.take(framed.pages)):
            await self._emit(pages)
        if self._limit.reached and self._limits.kill_on_output_limit and data is not None:
            signal = await self._end(SignalCause.OUTPUT_LIMIT)
            raise _Ended(OutputLimitReached(None, signal))

    def _declare(self, line: bytes) -> None:
        if self._error:
            return
        match declaration(line):
            case Progress() as progress:
                self._progress = progress
            case Result(data):
                self._result = data
            case Failure() as failure:
                self._failure = failure
            case DeclaredArtifact(name) if name in self._artifacts:
                self._error = f"The tool declared a second artifact {name!r}."
            case DeclaredArtifact() if len(self._artifacts) == ARTIFACTS_MAX:
                self._error = f"The tool declared more than {ARTIFACTS_MAX} artifacts."
            case DeclaredArtifact(name) as artifact:
                self._artifacts[name] = artifact
            case ChannelError(message):
                self._error = message

    async def _hang(self) -> None:
        loop = asyncio.get_running_loop()
        # Whatever is held back is shown while the program says no more.
        for fd in self._frames:
            await self._write(fd, None)
        idle_end = loop.time() + self._limits.idle_timeout_s if self._limits.idle_timeout_s is not None else None
        deadline = min(self._run_end, idle_end) if idle_end is not None else self._run_end
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(deadline):
                await self._stop.wait()
        if self._stop.is_set():
            raise _Ended(Canceled(None, await self._end(SignalCause.CANCELLATION)))
        if deadline != self._run_end:
            raise _Ended(TimedOut("idle", None, await self._end(SignalCause.IDLE_TIMEOUT)))
        raise _Ended(TimedOut("run", None, await self._end(SignalCause.RUN_TIMEOUT)))

    async def _talk(self, every_s: float) -> None:
        lines = 1 if every_s else 64
        while True:
            await self._write(1, b"line after line\n" * lines)
            if self._stop.is_set():
                raise _Ended(Canceled(None, await self._end(SignalCause.CANCELLATION)))
            if asyncio.get_running_loop().time() >= self._run_end:
                raise _Ended(TimedOut("run", None, await self._end(SignalCause.RUN_TIMEOUT)))
            await asyncio.sleep(every_s)

    async def _end(self, cause: SignalCause) -> int:
        signals = [15, 9] if self._ignores_term else [15]
        observations: list[Observation] = [Signaled(signal=number, cause=cause) for number in signals]
        await self._emit(observations)
        return signals[-1]
