"""Clients that keep a daemon busy while it is killed, and what must hold when the last one has settled everything."""

import asyncio
import random
import subprocess
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from grpclib.client import Channel
from grpclib.exceptions import GRPCError, StreamTerminatedError

from dome_contracts import chain
from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import Job, JobState, OutcomeCause
from tests.e2e.calls import TERMINAL, Seen, cancel, execute, processes_of, seen, status, times_of
from tests.e2e.daemon_process import Daemon, Place

DEATH_S: Final = 20.0
SETTLE_S: Final = 40.0
CLIENTS: Final = 4
GONE: Final = (GRPCError, StreamTerminatedError, ConnectionError, OSError)
CLOCK_STEP_S: Final = 0.05
"""Two processes read one clock, and the times of events are cut to microseconds."""

# Each leaves a witness that it ran, and does something that the daemon has to follow, to end or to reap.
_WITNESS: Final = 'echo "$0" >> witness\n'
PROGRAMS: Final = {
    "quick": _WITNESS + "echo done",
    "talk": _WITNESS + "i=0; while [ $i -lt 400 ]; do echo line $i; i=$((i+1)); done",
    "leave": _WITNESS + "setsid sleep 600 >/dev/null 2>&1 & echo left",
    "hold": _WITNESS + "echo up; exec sleep 600",
    "deaf": _WITNESS + "trap '' TERM; echo up; sleep 600 & while :; do wait; sleep 600; done",
}
CANCELLED: Final = ("hold", "deaf")
"""They end when somebody asks for it."""


@dataclass(slots=True)
class Load:
    """Requests by their keys, what was acknowledged of them, and what followers saw."""

    place: Place
    chance: random.Random
    requests: dict[str, str] = field(default_factory=dict)
    acknowledged: dict[str, str] = field(default_factory=dict)
    seen: dict[str, Seen] = field(default_factory=dict)
    deaths: list[float] = field(default_factory=list)

    async def until_death(self, daemon: Daemon, *, patience_s: float) -> bool:
        """Keep the daemon busy until it is gone. False: it did not die by itself in time, and was killed."""
        by_itself = True
        async with asyncio.TaskGroup() as tasks:
            # What an earlier one left queued, and would hold a seat for ever.
            earlier = [job_id for key, job_id in self.acknowledged.items() if self.requests[key] in CANCELLED]
            clients = [tasks.create_task(self._client(daemon, n, earlier=earlier)) for n in range(CLIENTS)]
            try:
                await asyncio.to_thread(daemon.process.wait, patience_s)
            except subprocess.TimeoutExpired:
                by_itself = False
                daemon.process.kill()
                await asyncio.to_thread(daemon.process.wait)
            for client in clients:
                client.cancel()
        return by_itself

    async def _client(self, daemon: Daemon, number: int, *, earlier: Sequence[str]) -> None:
        channel = daemon.channel()
        try:
            with suppress(*GONE):
                if number == 0:
                    for job_id in earlier:
                        await cancel(channel, job_id)
                    # Something runs whenever the daemon dies.
                    await self._one(channel, "hold", holds=True)
                while True:
                    await self._one(channel, self.chance.choice(list(PROGRAMS)))
        finally:
            channel.close()

    async def _one(self, channel: Channel, kind: str, *, holds: bool = False) -> None:
        key = f"{kind}-{len(self.requests)}"
        self.requests[key] = kind
        job = await self.submit(channel, key)
        reader = self.seen.setdefault(job.job_id, Seen(job.job_id))
        if kind not in CANCELLED:
            await reader.follow(channel)
            return
        await reader.follow(channel, until=b"up")
        if not holds:
            await asyncio.gather(cancel(channel, job.job_id), reader.follow(channel))

    async def submit(self, channel: Channel, key: str) -> Job:
        """Ask for the request of this key, perhaps again: always the same job answers."""
        job = await execute(
            channel, "sh", "-c", PROGRAMS[self.requests[key]], key, key=key, working_directory=str(self.place.work)
        )
        assert self.acknowledged.setdefault(key, job.job_id) == job.job_id, f"{key} has two jobs"
        return job

    async def settle(self, daemon: Daemon) -> dict[str, Job]:
        """Ask again for everything, end what runs, and follow all of it to its end. The jobs by key."""
        channel = daemon.channel()
        try:
            async with asyncio.timeout(SETTLE_S):
                done = await asyncio.gather(*(self._settle(channel, key) for key in self.requests))
        finally:
            channel.close()
        return dict(zip(self.requests, done, strict=True))

    async def _settle(self, channel: Channel, key: str) -> Job:
        before = self.acknowledged.get(key)
        if before is not None:
            await status(channel, before)
        job = await self.submit(channel, key)
        reader = self.seen.setdefault(job.job_id, Seen(job.job_id))
        if self.requests[key] in CANCELLED and not reader.ended:
            await cancel(channel, job.job_id)
        if not reader.ended:
            await reader.follow(channel)
        return await status(channel, job.job_id)

    async def check(self, daemon: Daemon, jobs: dict[str, Job]) -> None:
        """Everything that is promised of jobs whatever happened to the daemon."""
        ran = Counter((self.place.work / "witness").read_text().split())
        assert ran.keys() <= jobs.keys()
        assert len({job.job_id for job in jobs.values()}) == len(jobs)
        channel = daemon.channel()
        try:
            for key, job in jobs.items():
                assert ran[key] <= 1, f"{key} was executed {ran[key]} times"
                assert job.state in TERMINAL
                if job.state is JobState.SUCCEEDED:
                    assert ran[key] == 1, f"{key} succeeded and was never executed"
                await self._check_stream(channel, job)
        finally:
            channel.close()
        names = {job.job_id: (key, job.outcome) for key, job in jobs.items()}
        assert [names[job_id] for _, job_id in processes_of(set(names))] == [], "a process outlived its job"

    async def _check_stream(self, channel: Channel, job: Job) -> None:
        whole = await seen(channel, job.job_id)
        said = dict(whole.records())
        assert list(said) == list(range(1, job.last_seq + 1))
        assert whole.position == job.last_seq
        # What anybody saw before a death is what is kept after it.
        assert all(said[seq] == record for seq, record in self.seen[job.job_id].records())
        since_seq = self.chance.randrange(job.last_seq)
        rest = await seen(channel, job.job_id, since_seq=since_seq)
        assert dict(rest.records()) == {seq: record for seq, record in said.items() if seq > since_seq}
        head = chain.genesis(JobId(job.job_id))
        for event in whole.events[:-1]:
            head = chain.link(head, bytes(event))
        finished = whole.events[-1].finished
        assert finished is not None
        assert (finished.state, finished.chain_head) == (job.state, head)
        self._check_times(whole, job)

    def _check_times(self, whole: Seen, job: Job) -> None:
        times = times_of(whole.events)
        assert times == sorted(times)
        assert job.outcome is not None
        if job.outcome.cause is OutcomeCause.LOST:
            assert job.outcome.last_observed_time is not None
            observed = job.outcome.last_observed_time.timestamp()
            # The last fact before the survivors' end, at which the daemon that saw it was alive.
            assert observed in times
            assert any(observed - CLOCK_STEP_S <= death <= times[-1] + CLOCK_STEP_S for death in self.deaths)
