"""Large and many: inputs and outputs at their limits, a long queue, hundreds of followers. Memory stays flat."""

import asyncio
import contextlib
import hashlib
import json
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from grpclib.client import Channel
from grpclib.config import Configuration
from grpclib.const import Cardinality
from grpclib.exceptions import GRPCError

from dome_contracts.runtime.v1 import (
    CancelJobRequest,
    Job,
    JobState,
    ListJobsRequest,
    RuntimeServiceStub,
    SkillExecuteRequest,
    StreamJobEventsRequest,
    StreamJobEventsResponse,
)
from tests.e2e.calls import TERMINAL, Seen, execute, seen, status
from tests.e2e.daemon_process import Daemon, Place, a_place, reason

STREAM = "/dome.runtime.v1.RuntimeService/StreamJobEvents"
MIB = 1024 * 1024
INPUT_BYTES_MAX = 8 * MIB
OUTPUT_LINES = 1_000_000
LINE = b"x" * 99 + b"\n"
WRITE = f"import sys\nfor _ in range(100): sys.stdout.write({LINE.decode()!r} * {OUTPUT_LINES // 100})"
QUEUED = 10_000
FOLLOWERS = 300


@pytest.fixture
def place() -> Iterator[Place]:
    with a_place() as made:
        yield made


@contextlib.asynccontextmanager
async def connected(daemon: Daemon, config: Configuration | None = None) -> AsyncIterator[Channel]:
    channel = daemon.channel() if config is None else Channel(path=str(daemon.place.socket), config=config)
    async with channel:
        yield channel


def resident_bytes(daemon: Daemon) -> int:
    """What it holds at this moment."""
    (line,) = [line for line in Path(f"/proc/{daemon.pid}/status").read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) * 1024


def an_input(size: int) -> tuple[bytes, str]:
    """A document of so many bytes, and the digest of what its program gets to read."""
    frame = {"argv": ["sha256sum"], "stdin": ""}
    text = "y" * (size - len(json.dumps(frame)))
    data = json.dumps(frame | {"stdin": text}).encode()
    assert len(data) == size
    return data, hashlib.sha256(text.encode()).hexdigest()


async def test_an_input_of_eight_mebibytes_arrives_whole_and_one_byte_more_is_refused(place: Place) -> None:
    daemon = place.ready()
    async with connected(daemon) as channel:
        stub = RuntimeServiceStub(channel)
        data, digest = an_input(INPUT_BYTES_MAX)
        answer = await stub.skill_execute(SkillExecuteRequest(skill_id="process.run", input=data))
        assert answer.job is not None
        assert (await seen(channel, answer.job.job_id)).stdout.decode().split()[0] == digest
        with pytest.raises(GRPCError) as refused:
            await stub.skill_execute(
                SkillExecuteRequest(skill_id="process.run", input=an_input(INPUT_BYTES_MAX + 1)[0])
            )
        assert reason(refused.value.details) == "TOO_LARGE"
        assert len((await stub.list_jobs(ListJobsRequest())).jobs) == 1
    assert daemon.stop()[0] == 0


@pytest.mark.slow
async def test_an_output_of_a_hundred_megabytes_is_recorded_byte_for_byte(place: Place) -> None:
    """About five seconds."""
    daemon = place.ready()
    async with connected(daemon) as channel:
        before = daemon.resident_bytes_max()
        job = await execute(channel, sys.executable, "-I", "-S", "-c", WRITE)
        digest, size, position = hashlib.sha256(), 0, 0
        async for answer in RuntimeServiceStub(channel).stream_job_events(
            StreamJobEventsRequest(job_id=job.job_id, follow=True)
        ):
            for event in answer.events:
                assert event.seq == position + 1
                position = event.last_seq
                if event.output is not None:
                    digest.update(event.output.data)
                    size += len(event.output.data)
        expected = hashlib.sha256(LINE * OUTPUT_LINES).hexdigest()
        assert (size, digest.hexdigest()) == (len(LINE) * OUTPUT_LINES, expected)
        assert position == OUTPUT_LINES + 3
        done = await status(channel, job.job_id)
        assert done.provenance is not None
        assert done.provenance.stdout_digest == f"sha256:{expected}"
        assert daemon.resident_bytes_max() - before < 64 * MIB
    assert daemon.stop()[0] == 0


async def queued(channel: Channel, *, count: int) -> list[Job]:
    jobs: list[Job] = []
    for start in range(0, count, 50):
        keys = [f"key-{number}" for number in range(start, start + 50)]
        jobs += await asyncio.gather(*(execute(channel, "true", key=key) for key in keys))
    return jobs


async def all_listed(channel: Channel) -> list[Job]:
    jobs: list[Job] = []
    token = ""
    while True:
        answer = await RuntimeServiceStub(channel).list_jobs(ListJobsRequest(page_size=1000, page_token=token))
        jobs += answer.jobs
        if not (token := answer.next_page_token):
            return jobs


@pytest.mark.slow
async def test_ten_thousand_jobs_wait_are_listed_survive_a_restart_and_are_cancelled(place: Place) -> None:
    """About a minute."""
    place.configure("[jobs]\nparallel_max = 1\ngrace_s = 0.2\n")
    daemon = place.ready()
    async with connected(daemon) as channel:
        holder = await execute(channel, "sh", "-c", "echo up; exec sleep 600")
        await Seen(holder.job_id).follow(channel, until=b"up")
        before = daemon.resident_bytes_max()
        jobs = await queued(channel, count=QUEUED)
        assert {job.job_id for job in await all_listed(channel)} == {job.job_id for job in (holder, *jobs)}
        assert daemon.resident_bytes_max() - before < 150 * MIB
    daemon.process.kill()
    await asyncio.to_thread(daemon.ended)

    place.configure("[jobs]\nparallel_max = 1\ngrace_s = 0.2\ndrain_timeout_s = 0\n")
    daemon = place.ready()
    async with connected(daemon) as channel:
        # In their order, while others are cancelled from the other end.
        assert (await seen(channel, jobs[0].job_id)).ended
        stub = RuntimeServiceStub(channel)
        for start in range(QUEUED, 0, -50):
            chunk = jobs[start - 50 : start]
            await asyncio.gather(*(stub.cancel_job(CancelJobRequest(job_id=job.job_id)) for job in chunk))
        for job in await all_listed(channel):
            if job.state not in TERMINAL:
                await seen(channel, job.job_id)
        states = [job.state for job in await all_listed(channel)]
        assert len(states) == QUEUED + 1
        assert set(states) <= {JobState.SUCCEEDED, JobState.CANCELED, JobState.FAILED}
        assert states.count(JobState.FAILED) == 1, "the one that ran when the daemon was killed"
        again = await execute(channel, "true", key="key-77")
        assert again.job_id == jobs[77].job_id
    assert daemon.stop()[0] == 0


async def stalled(channel: Channel, job_id: str) -> None:
    """A reader that asks for everything and reads none of it."""
    call = channel.request(STREAM, Cardinality.UNARY_STREAM, StreamJobEventsRequest, StreamJobEventsResponse)
    async with call as stream:
        await stream.send_message(StreamJobEventsRequest(job_id=job_id, follow=True), end=True)
        await asyncio.Event().wait()


@pytest.mark.slow
async def test_of_three_hundred_followers_one_is_stalled_and_the_others_get_everything(place: Place) -> None:
    """About ten seconds. How soon they get it is a figure: the row `followers` of the benchmarks."""
    daemon = place.ready()
    script = "head -c 8000000 /dev/zero | tr '\\0' '\\n'; echo burst; until [ -e go ]; do sleep 0.02; done; seq 1 30"
    async with contextlib.AsyncExitStack() as stack:
        channels = [await stack.enter_async_context(connected(daemon)) for _ in range(6)]
        narrow = await stack.enter_async_context(
            connected(daemon, Configuration(http2_connection_window_size=65536, http2_stream_window_size=65536))
        )
        job = await execute(channels[0], "sh", "-c", script, working_directory=str(place.work))
        burst = Seen(job.job_id)
        await burst.follow(channels[0], until=b"burst")
        waiting = asyncio.create_task(stalled(narrow, job.job_id))
        readers = [Seen(job.job_id, burst.position) for _ in range(FOLLOWERS)]
        following = [
            asyncio.create_task(reader.follow(channels[number % len(channels)]))
            for number, reader in enumerate(readers)
        ]
        await status(narrow, job.job_id)
        before = resident_bytes(daemon)
        (place.work / "go").touch()
        async with asyncio.timeout(60):
            await asyncio.gather(*following)
        assert {reader.stdout for reader in readers} == {b"".join(b"%d\n" % number for number in range(1, 31))}
        assert all(reader.ended for reader in readers)
        assert not waiting.done()
        assert resident_bytes(daemon) - before < 48 * MIB
        waiting.cancel()
    assert daemon.stop()[0] == 0
