"""Follows a job's events to the end, or until the user leaves. Says how to come back."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import TYPE_CHECKING

from dome_client.errors import DaemonUnreachable
from dome_contracts.exit_codes import Exit, of_outcome

if TYPE_CHECKING:
    from dome_client.cli.session import Session
    from dome_client.client import Client
    from dome_contracts.runtime.v1 import Finished, JobEvent, JobState, Outcome

    Show = Callable[[Session, JobEvent], None]


async def follow(
    dome: "Client", job_id: str, session: "Session", *, show: "Show", since_seq: int = 0, to_the_end: bool = True
) -> "Finished | None":
    """Show the events after `since_seq`. The terminal one, if it came."""
    position = since_seq
    finished: Finished | None = None
    try:
        async with aclosing(dome.events(job_id, since_seq=since_seq, follow=to_the_end)) as events:
            async for event in events:
                show(session, event)
                position = event.last_seq
                finished = event.finished
    except asyncio.CancelledError:
        session.note(
            f"Detached: {job_id} goes on. {_way_back(job_id, position)}, or end it with `dome cancel {job_id}`."
        )
        raise
    except DaemonUnreachable:
        session.note(f"Lost the daemon after event {position}. {_way_back(job_id, position)}.")
        raise
    return finished


def _way_back(job_id: str, position: int) -> str:
    return f"Continue with `dome events {job_id} --follow --since-seq {position}`"


def show_output(session: "Session", event: "JobEvent") -> None:
    """What the program writes, byte for byte, each stream to its own; how far it is, to a terminal."""
    from dome_contracts.runtime.v1 import OutputStream

    if event.output is not None:
        write = session.data if event.output.stream is OutputStream.STDOUT else session.error_data
        write(event.output.data)
    elif event.progress is not None:
        from dome_client.cli.render.event import progress_line

        session.progress(progress_line(event.progress))
    elif event.waiting is not None or event.truncated is not None or event.survivor_found is not None:
        from dome_client.cli.render.event import event_lines

        for line in event_lines(event):
            session.note(line)


def show_records(session: "Session", event: "JobEvent") -> None:
    """One JSON object for each seq."""
    from dome_client.cli.render.document import encode, event_documents

    session.data(b"".join(encode(each) for each in event_documents(event)))


def show_lines(session: "Session", event: "JobEvent") -> None:
    """One line of text for each seq."""
    from dome_client.cli.render.event import event_lines

    session.text("\n".join(event_lines(event)))


def show_raw(stream: str | None) -> "Show":
    """The bytes of the program's output alone, of one stream or of both as they were recorded."""

    def show(session: "Session", event: "JobEvent") -> None:
        if event.output is not None and stream in (None, event.output.stream.name.lower()):
            session.data(event.output.data)

    return show


def show_for(session: "Session") -> "Show":
    """How `dome run` shows events."""
    return show_records if session.as_json else show_output


async def follow_to_exit(dome: "Client", job_id: str, session: "Session", *, show: "Show") -> int:
    """Follow from the start to the end; a bad end is said. The exit code of the command."""
    from dome_contracts.runtime.v1 import JobState

    finished = await follow(dome, job_id, session, show=show)
    if finished is None:  # the stream ends with the terminal event, or with an error
        return Exit.FAILED
    if finished.state is not JobState.SUCCEEDED and not session.as_json:
        from dome_client.cli.render.event import finished_line

        session.note(f"{job_id} {finished_line(finished)}")
    return exit_code(finished.state, finished.outcome)


def exit_code(state: "JobState", outcome: "Outcome | None") -> int:
    """The code that the command ends with for how a job ended."""
    from dome_contracts.runtime.v1 import JobState

    if outcome is None:
        return Exit.OK if state is JobState.SUCCEEDED else Exit.FAILED
    return of_outcome(
        outcome.cause.name,
        exit_code=outcome.exit_code,
        signal=outcome.signal,
        failure_reason_code=outcome.failure_reason_code,
    )
