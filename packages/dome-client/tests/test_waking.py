"""A connection to a socket that a service manager holds starts the daemon: not every client may make one."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from dome_client.calling import Patience
from dome_client.client import Client
from dome_client.endpoint import resolve
from dome_client.errors import DaemonUnreachable
from dome_client.service import systemd
from dome_client.testing import FakeRuntime
from dome_client.waking import Waking
from dome_contracts.runtime import v1
from tests.served_runtime import Serving, serving

QUICK = Patience(call_timeout_s=5, retry_s=0.05, reconnect_s=2, silence_s=5, delay_min_s=0.001, delay_max_s=0.01)


class Manager:
    """Says each time whether the daemon is asleep, the last word again and again, and counts how often it was asked."""

    def __init__(self, *says: bool) -> None:
        self.says = list(says)
        self.asked = 0

    def is_asleep(self) -> bool:
        self.asked += 1
        return self.says.pop(0) if len(self.says) > 1 else self.says[0]


class Watched(v1.RuntimeServiceBase):
    """Tells of one change on each stream, then goes away."""

    def __init__(self) -> None:
        self.streams = 0

    async def watch_jobs(self, message: v1.WatchJobsRequest) -> AsyncIterator[v1.WatchJobsResponse]:
        self.streams += 1
        change = v1.JobChange(revision=self.streams, job=v1.Job(job_id="job-a"))
        yield v1.WatchJobsResponse(changes=[change], revision=self.streams, store_id="store-a")
        raise GRPCError(Status.UNAVAILABLE, "going away")


def client(path: Path, manager: Manager, *, may_wake: bool, patience: Patience = QUICK) -> Client:
    return Client(
        resolve(str(path), {}),
        make_key=lambda: "key-1",
        environ={},
        patience=patience,
        waking=Waking(manager.is_asleep, may_wake=may_wake),
    )


async def test_who_may_not_start_a_daemon_does_not_connect_to_one_that_is_asleep(
    runtime: FakeRuntime, short_directory: Path
) -> None:
    manager = Manager(True)
    with serving(Serving(runtime), str(path := short_directory / "s")):
        async with client(path, manager, may_wake=False) as dome:
            with pytest.raises(DaemonUnreachable, match=r"does not run: systemd listens at .*starts it for the next"):
                await dome.capabilities()
            manager.says = [False]
            await dome.capabilities()
            asked = manager.asked
            job = await dome.execute("test.endless", {})
            async with aclosing(dome.events(job.job_id)) as events:
                await anext(events)
                assert manager.asked == asked, "who is connected asks nobody, for another connection neither"


async def test_who_may_start_one_asks_nobody_before_its_connection_has_ended(
    runtime: FakeRuntime, short_directory: Path
) -> None:
    manager = Manager(True)
    path = short_directory / "s"
    async with client(path, manager, may_wake=True) as dome:
        with serving(Serving(runtime), str(path)):
            await dome.capabilities()
            job = await dome.execute("test.endless", {})
            async with aclosing(dome.events(job.job_id)) as events:
                await anext(events)
            await dome.jobs()
            assert manager.asked == 0
        with serving(Serving(runtime), str(path)):
            with pytest.raises(DaemonUnreachable, match="does not run"):
                await dome.capabilities()
            manager.says = [False]
            assert len(await dome.jobs()) == 1


async def test_a_stream_that_lost_its_daemon_waits_until_somebody_else_has_woken_it(short_directory: Path) -> None:
    manager = Manager(True, True, False)
    service = Watched()
    with serving(service, str(path := short_directory / "s")):
        async with client(path, manager, may_wake=True) as dome, aclosing(dome.watch()) as changes:
            assert [(await anext(changes)).revision, (await anext(changes)).revision] == [1, 2]
    assert (service.streams, manager.asked) == (2, 3)


async def test_a_stream_gives_up_when_nobody_has_woken_its_daemon(short_directory: Path) -> None:
    service = Watched()
    patience = replace(QUICK, reconnect_s=0.05)
    with serving(service, str(path := short_directory / "s")):
        async with (
            client(path, Manager(True), may_wake=True, patience=patience) as dome,
            aclosing(dome.watch()) as changes,
        ):
            await anext(changes)
            with pytest.raises(DaemonUnreachable, match="does not run"):
                await anext(changes)
    assert service.streams == 1


@pytest.mark.parametrize(
    ("said", "asleep"),
    [
        ("active inactive", True),
        ("active failed", True),
        ("active deactivating", True),
        ("active active", False),
        ("active activating", False),
        ("active reloading", False),
        ("inactive inactive", False),
        ("inactive active", False),
        ("failed failed", False),
        ("", False),
    ],
)
def test_what_a_manager_says_of_socket_and_service(said: str, asleep: bool) -> None:
    assert systemd.tells_asleep(said) is asleep
