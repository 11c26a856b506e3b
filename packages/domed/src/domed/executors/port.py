"""What the runner needs of an executor backend.

An executor runs one program at a time of one job and says what it observes. It knows no ledger, no store and no
transport, and decides nothing about the job's state.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Protocol

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import (
    EffectsEnforcement,
    Output,
    Progress,
    ResourceUsage,
    Signaled,
    SurvivorFound,
    Truncated,
)

Observation = Output | Progress | Signaled | SurvivorFound | Truncated
"""What an executor may say of a run while it lasts."""


@dataclass(frozen=True, slots=True)
class RunLimits:
    """What one run is held to. Times in seconds."""

    run_timeout_s: float
    grace_s: float
    output_bytes_max: int
    kill_on_output_limit: bool = False
    idle_timeout_s: float | None = None
    cpu_s_max: int | None = None
    """Of each process, as the next two."""
    memory_bytes_max: int | None = None
    """Address space."""
    open_files_max: int | None = None
    user_processes_max: int | None = None
    """Of the user, whatever run they belong to. The kernel does not hold root to it."""
    run_memory_bytes_max: int | None = None
    """Of all processes of the run together, as far as `Executor.containment` says, as the next one."""
    run_processes_max: int | None = None
    """Processes and threads at a time."""


@dataclass(frozen=True, slots=True)
class Containment:
    """How far runs as a whole are held here."""

    group: bool = False
    """A run's processes are in a control group, by which they are found and ended."""
    memory: bool = False
    """`run_memory_bytes_max` holds."""
    processes: bool = False
    """`run_processes_max` holds."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What a tool declares that it does to the world."""

    filesystem: Literal["none", "read", "write"]
    """Reach into the file system outside the scratch directory."""
    network: Literal["none", "loopback", "any"]
    starts_processes: bool
    """Whether it starts programs other than its own."""
    folder: Path | None = None
    """The tool's own folder, which it may read whatever it declares."""
    writes: tuple[str, ...] | None = None
    """Where it writes beside its scratch directory, relative to the working directory. None: as `filesystem` says."""

    @property
    def limits_writes(self) -> bool:
        """Whether there are places where it does not write."""
        return self.filesystem != "write" or self.writes is not None


UNBOUNDED: Final = Effects(filesystem="write", network="any", starts_processes=True)
"""Of a tool that may do whatever the user may."""


@dataclass(frozen=True, slots=True)
class DeclaredArtifact:
    """A file that the tool hands over, as it says. Nobody has looked at it yet."""

    name: str
    """Unique within the run."""
    path: str
    """Absolute, or relative to the directory that the program was started in."""
    media_type: str


WhenOver = Callable[[Sequence[DeclaredArtifact]], None]
"""Takes what was declared."""


def nothing_more(artifacts: Sequence[DeclaredArtifact]) -> None:
    """Of a caller to whom the end of the run is soon enough."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """Everything an executor needs to run one program."""

    job_id: JobId
    argv: Sequence[str]
    """Program and arguments with all placeholders replaced; a program without a slash is found on the PATH of
    `environment`, one with a slash is relative to the working directory unless it is absolute."""
    payload: bytes
    """Given on standard input, which is then closed."""
    environment: Mapping[str, str]
    """The environment of the child. The executor adds DOME_JOB_ID, by which it finds the run's processes again,
    DOME_SCRATCH, and what its channel needs: DOME_CHANNEL_FD."""
    working_directory: Path | None
    """None: the scratch directory."""
    scratch: Path
    """The run's own directory: private, empty, and a real path. Whoever calls the executor makes it and removes it."""
    limits: RunLimits
    effects: Effects = UNBOUNDED
    """What the program is held to, as far as `Executor.enforcement` says."""
    when_over: WhenOver = nothing_more
    """Called once when no process of the run is left and all its declarations are read, however much of what was
    observed still waits for the record: on a full disk it may wait for what the run has left there. Not of a run that
    is broken off."""


@dataclass(frozen=True, slots=True)
class Exited:
    """The program ended by itself or by a signal that the executor did not send."""

    exit_code: int | None
    signal: int | None


@dataclass(frozen=True, slots=True)
class TimedOut:
    """A time limit ran out and the program was ended."""

    limit: str
    """`run` or `idle`."""
    exit_code: int | None
    signal: int | None


@dataclass(frozen=True, slots=True)
class Canceled:
    """The program was ended because the stop event was set."""

    exit_code: int | None
    signal: int | None


@dataclass(frozen=True, slots=True)
class OutputLimitReached:
    """The program wrote more than allowed and was ended."""

    exit_code: int | None
    signal: int | None


@dataclass(frozen=True, slots=True)
class CpuLimitReached:
    """The kernel ended the program, which had used the processor time that is allowed."""

    exit_code: int | None
    signal: int | None


@dataclass(frozen=True, slots=True)
class MemoryLimitReached:
    """The kernel ended the run, whose processes needed more memory together than is allowed."""

    exit_code: int | None
    signal: int | None


@dataclass(frozen=True, slots=True)
class ProcessLimitReached:
    """The program failed, and the kernel had refused it another process: it had as many as are allowed."""

    exit_code: int | None
    signal: int | None


@dataclass(frozen=True, slots=True)
class SpawnFailed:
    """The program could not be started."""

    message: str
    exit_code: int | None = None
    """As a shell gives it: 127 where there is no such program, 126 where it is none that can be executed."""


End = (
    Exited
    | TimedOut
    | Canceled
    | OutputLimitReached
    | CpuLimitReached
    | MemoryLimitReached
    | ProcessLimitReached
    | SpawnFailed
)


@dataclass(frozen=True, slots=True)
class Exit:
    """How a run ended, and what the tool declared over its channel."""

    end: End
    result: bytes = b""
    """The declared result as JSON text; empty where none was declared."""
    failure_reason_code: str = ""
    """The failure reason that the tool stated; empty where it stated none."""
    failure_message: str = ""
    channel_error: str = ""
    """What was wrong with the channel, where something was."""
    artifacts: Sequence[DeclaredArtifact] = ()
    """Files to keep, in the order of their declaration. They are still where the tool left them."""
    usage: ResourceUsage | None = None


class Emit(Protocol):
    """Takes observations. Waits while the record is behind: that is how a fast program is held back.

    Several streams are recorded side by side: a call may begin while another waits. Calls take effect in the order
    in which they began.
    """

    async def __call__(self, observations: Sequence[Observation]) -> None: ...


class Executor(Protocol):
    """Runs programs."""

    @property
    def backend(self) -> str:
        """Name of the backend in manifests, such as `local-process`."""
        ...

    @property
    def version(self) -> str:
        """Version for the record of a run."""
        ...

    async def enforcement(self, effects: Effects) -> EffectsEnforcement:
        """How far the kernel holds a run to these effects here. Always the same for the same effects.

        A program with these effects is held so far, from its first instruction to its end, or it is not started.
        """
        ...

    async def containment(self) -> Containment:
        """How far runs as a whole are held here. Always the same."""
        ...

    async def run(self, invocation: Invocation, *, emit: Emit, stop: asyncio.Event) -> Exit:
        """Run one program to its end.

        Every observation is handed to `emit` before the call returns, output in the order in which it was read of
        each stream. When `stop` is set the program is ended: polite signal to its whole group, `grace_s`, final signal.
        No process of the run is left when the call returns, or a SurvivorFound was emitted for it. Never raises
        for anything that the program does; what `emit` raises ends the program at once and is raised. If the call
        is cancelled, the program is ended at once.
        """
        ...

    async def end_survivors(
        self, job_ids: Collection[JobId], *, grace_s: float
    ) -> Mapping[JobId, Sequence[Signaled | SurvivorFound]]:
        """End processes that an earlier daemon started for these jobs. Gives what was done and what is left.

        Nothing runs meanwhile, so whatever else an earlier daemon left of its runs is done away with, too.
        """
        ...
