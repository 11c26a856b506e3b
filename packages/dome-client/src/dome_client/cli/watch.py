"""Shows the jobs as they stand, then their changes, until the user leaves. Says how to come back."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from dome_client.errors import DaemonUnreachable

if TYPE_CHECKING:
    from dome_client.cli.session import Session
    from dome_client.client import Client
    from dome_contracts.runtime.v1 import JobChange, JobState


async def watch(
    dome: "Client",
    session: "Session",
    *,
    states: "Sequence[JobState]",
    skill_id: str,
    limit: int,
    since_revision: int | None,
) -> None:
    """Without a revision, first the newest jobs, the oldest of them first. Ends by an exception only."""
    from dome_contracts.runtime.v1 import JobChange

    position = since_revision
    try:
        if position is None:
            listing = await dome.listing(states=states, skill_id=skill_id, limit=limit)
            position = listing.revision
            for job in reversed(listing.jobs):
                show(session, JobChange(revision=position, job=job))
        stream = dome.watch(since_revision=position, states=states, skill_id=skill_id)
        async with aclosing(stream) as changes:
            async for change in changes:
                show(session, change)
                position = change.revision
    except asyncio.CancelledError:
        session.note(f"Stopped watching. {_way_back(position)}")
        raise
    except DaemonUnreachable:
        session.note(f"Lost the daemon. {_way_back(position)}")
        raise


def show(session: "Session", change: "JobChange") -> None:
    """One change: as JSON where that was asked for, else a line of text."""
    from dome_client.cli.render.change import change_line

    session.show(change, change_line(change, colour=session.colour))


def _way_back(position: int | None) -> str:
    return f"Continue with `dome jobs --watch{'' if position is None else f' --since-revision {position}'}`."
