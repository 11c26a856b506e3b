"""Jobs that end in every way there is while their daemon lives."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from dome_client.client import Client
from dome_contracts.runtime.v1 import ExecuteConstraints, Job
from tests.e2e.dome_home import Home


@dataclass(frozen=True)
class Ran:
    """A job that has ended, and what it was given."""

    job: Job
    payload: Mapping[str, Any]


class Endings:
    """Makes jobs end in every way there is."""

    def __init__(self, home: Home, client: Client) -> None:
        self.home = home
        self.client = client
        self.ended: dict[str, Ran] = {}

    async def all(self) -> dict[str, Ran]:
        await self.run("SUCCEEDED", "process.run", {"argv": ["echo", "fine"]})
        await self.run("FAILED", "process.run", {"argv": ["sh", "-c", "echo oops >&2; exit 3"]})
        await self.run("SPAWN_FAILED", "process.run", {"argv": ["no-such-program-at-all"]})
        await self.run("WITH_AN_ARTIFACT", "user.make", {})
        soon = ExecuteConstraints(deadline=timedelta(seconds=0.5))
        await self.run("TIMEOUT", "process.run", {"argv": ["sleep", "60"]}, constraints=soon)
        endless = {"argv": ["sh", "-c", "echo up; exec sleep 60"]}
        await self.run("CANCELED_RUNNING", "process.run", endless, until=self.canceled_when_it_wrote)
        await self.while_the_lock_is_held()
        return self.ended

    async def run(
        self,
        name: str,
        tool_id: str,
        payload: Mapping[str, Any],
        *,
        until: Callable[[Job], Awaitable[None]] | None = None,
        **options: Any,
    ) -> None:
        job = await self.client.execute(tool_id, payload, working_directory=str(self.home.work), **options)
        if until is not None:
            await until(job)
        self.ended[name] = Ran(await self.client.wait(job.job_id), payload)

    async def canceled_when_it_wrote(self, job: Job) -> None:
        await wrote(self.client, job)
        await self.client.cancel(job.job_id, reason="seen enough")

    async def while_the_lock_is_held(self) -> None:
        holder = await self.client.execute("user.holder")
        await wrote(self.client, holder)

        async def canceled(job: Job) -> None:
            await self.client.cancel(job.job_id)

        await self.run("CANCELED_QUEUED", "user.waiter", {}, until=canceled)
        await self.run(
            "TIMEOUT_QUEUED", "user.waiter", {}, constraints=ExecuteConstraints(deadline=timedelta(seconds=0.3))
        )
        described = await self.client.tool("user.denied")
        assert described.summary is not None
        await self.client.trust("user.denied", described.summary.tool_digest)
        denied = await self.client.execute("user.denied", {}, working_directory=str(self.home.work))
        await self.client.untrust("user.denied")
        (self.home.root / "gate").write_text("go\n")
        await self.client.wait(holder.job_id)
        self.ended["DENIED"] = Ran(await self.client.wait(denied.job_id), {})


async def wrote(client: Client, job: Job) -> None:
    """Return when the program has written something."""
    async with aclosing(client.events(job.job_id)) as events:
        async for event in events:
            if event.output is not None:
                return
