"""What the runner needs of an executor backend.

An executor runs one program at a time of one job and says what it observes. It knows no ledger, no store and no
transport, and decides nothing about the job's state.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import Artifact, Output, Progress, ResourceUsage, Signaled, SurvivorFound, Truncated

Observation = Output | Progress | Artifact | Signaled | SurvivorFound | Truncated
"""What an executor may say of a run while it lasts."""


@dataclass(frozen=True, slots=True)
class RunLimits:
    """What one run is held to. Times in seconds."""

    run_timeout_s: float
    grace_s: float
    output_bytes_max: int
    kill_on_output_limit: bool = False
    idle_timeout_s: float | None = None


@dataclass(frozen=True, slots=True)
class Invocation:
    """Everything an executor needs to run one program."""

    job_id: JobId
    argv: Sequence[str]
    """Program and arguments with all placeholders replaced; the program is an absolute path or found on PATH."""
    payload: bytes
    """Given on standard input, which is then closed."""
    environment: Mapping[str, str]
    """The whole environment of the child; the executor adds only what its channel needs."""
    working_directory: Path | None
    """None: the scratch directory."""
    scratch_root: Path
    """Where the executor makes the run's scratch directory, which it removes afterwards."""
    limits: RunLimits


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
class SpawnFailed:
    """The program could not be started."""

    message: str


End = Exited | TimedOut | Canceled | OutputLimitReached | SpawnFailed


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
    usage: ResourceUsage | None = None


class Emit(Protocol):
    """Takes observations in order. Waits while the record is behind: that is how a fast program is held back."""

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

    async def run(self, invocation: Invocation, *, emit: Emit, stop: asyncio.Event) -> Exit:
        """Run one program to its end.

        Every observation is handed to `emit` before the call returns, output in the order in which it was read of
        each stream. When `stop` is set the program is ended: polite signal to its whole group, `grace_s`, final signal.
        No process of the run is left when the call returns, or a SurvivorFound was emitted for it. Never raises
        for anything that the program does. If the call is cancelled, the program is ended at once.
        """
        ...
