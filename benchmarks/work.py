"""The work that rows ask of a daemon: run a program, follow a job to its end, make lines. Measures nothing."""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.row import CannotRun
from dome_client import Client
from dome_contracts.runtime.v1 import JobEvent, JobState

RUN: Final = "process.run"
TRUE: Final = ("/bin/true",)
LINE_BYTES: Final = 99


class WorkFailed(CannotRun):
    """A job did not do what the row needs: its times mean nothing."""

    def __init__(self, what: str) -> None:
        super().__init__(what, "Repair that first: its times would mean nothing.")


@dataclass(frozen=True, slots=True)
class Followed:
    """What a follower has received of a job."""

    pages: tuple[bytes, ...]
    last_seq: int
    in_order: bool
    """Whether each event began where the one before had ended, and the terminal one came once, as the last."""
    succeeded: bool

    @property
    def lines(self) -> int:
        """Newlines received."""
        return sum(page.count(b"\n") for page in self.pages)


async def submit(client: Client, argv: Sequence[str], *, working_directory: str = "") -> str:
    """Ask for the execution of a program; gives the id of its job."""
    job = await client.execute(RUN, {"argv": list(argv)}, working_directory=working_directory)
    return job.job_id


async def follow(client: Client, job_id: str, *, since_seq: int = 0) -> Followed:
    """Read all events of a job after `since_seq`, until it has ended."""
    pages: list[bytes] = []
    position, in_order, last = since_seq, True, None
    async with aclosing(client.events(job_id, since_seq=since_seq)) as events:
        async for event in events:
            in_order = in_order and event.seq == position + 1 and last is None
            position = event.last_seq
            if event.output is not None:
                pages.append(event.output.data)
            last = event.finished
    return Followed(
        pages=tuple(pages),
        last_seq=position,
        in_order=in_order and last is not None,
        succeeded=last is not None and last.state is JobState.SUCCEEDED,
    )


async def run(client: Client, argv: Sequence[str], *, working_directory: str = "") -> None:
    """Run a program to its terminal event. Raises WorkFailed where it did not succeed."""
    await _ended(client, await submit(client, argv, working_directory=working_directory))


async def run_tool(client: Client, tool_id: str, *, working_directory: str = "") -> None:
    """Run a tool without input to its terminal event. Raises WorkFailed where it did not succeed."""
    await _ended(client, (await client.execute(tool_id, working_directory=working_directory)).job_id)


async def _ended(client: Client, job_id: str) -> None:
    last: JobEvent | None = None
    async for event in client.events(job_id):
        last = event
    if last is None or last.finished is None or last.finished.state is not JobState.SUCCEEDED:
        raise WorkFailed(f"{job_id} did not succeed: {last}")


def write_lines(path: Path, count: int) -> None:
    """A file of so many numbered lines of equal length."""
    filler = "x" * (LINE_BYTES - 11)
    with path.open("w", encoding="ascii") as out:
        out.writelines(f"{number:09d} {filler}\n" for number in range(count))
