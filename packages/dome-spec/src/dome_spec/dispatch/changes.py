"""Which jobs of a repository have ended, as the daemon tells it: listed, changed since a revision, or changing."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from dome_contracts.runtime.v1 import JobChange
from dome_spec.dispatch.decide.identity import LABEL
from dome_spec.dispatch.job.story import TERMINAL
from dome_spec.dispatch.ports import RuntimePlane

JOBS_MAX: Final = 100_000
"""Most jobs of one repository that are listed where changes are not kept any more."""
AUDIT_EVERY_S: Final = 10.0
"""How often the audit is read while changes are followed: a refusal changes no job."""


async def following(plane: RuntimePlane, since: int, repository_id: str) -> AsyncGenerator[JobChange | None, None]:
    """What changes from here on; None from time to time where nothing does."""
    labels, states = {LABEL: repository_id}, sorted(TERMINAL)
    async with aclosing(plane.watch(since_revision=since, states=states, labels=labels)) as watched:
        coming = asyncio.ensure_future(anext(watched, None))
        try:
            while True:
                done, _ = await asyncio.wait({coming}, timeout=AUDIT_EVERY_S)
                change = coming.result() if done else None
                if done and change is None:
                    return
                yield change
                if done:
                    coming = asyncio.ensure_future(anext(watched, None))
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)


async def listed(plane: RuntimePlane, repository_id: str) -> AsyncGenerator[JobChange, None]:
    """Every ended job of the repository, the oldest first, as if it had changed up to the moment of the listing."""
    labels, states = {LABEL: repository_id}, sorted(TERMINAL)
    listing = await plane.listing(states=states, labels=labels, limit=JOBS_MAX)
    for job in reversed(listing.jobs):
        yield JobChange(revision=0, job=job)
    yield JobChange(revision=listing.revision, job=None)


async def changed(plane: RuntimePlane, since: int, repository_id: str) -> AsyncGenerator[JobChange, None]:
    """What has changed from a revision up to the newest one."""
    newest = (await plane.listing(limit=1)).revision
    if since >= newest:
        return
    # Without a filter the newest change comes for certain, so the end is seen.
    async with aclosing(plane.watch(since_revision=since)) as watched:
        async for change in watched:
            if _is_ended(change, repository_id):
                yield change
            if change.revision >= newest:
                yield JobChange(revision=change.revision, job=None)
                return


def _is_ended(change: JobChange, repository_id: str) -> bool:
    job = change.job
    return job is not None and job.state in TERMINAL and job.labels.get(LABEL) == repository_id
