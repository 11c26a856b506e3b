"""Watching goes on by itself: over lost connections, with the next daemon, and never over a gap."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager, aclosing
from pathlib import Path
from typing import Any

import pytest
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from dome_client.calling import Patience
from dome_client.connection import connect
from dome_client.errors import DaemonUnreachable, DomeError, WatchBroken
from dome_contracts.google.rpc import ErrorInfo
from dome_contracts.runtime import v1

Serve = Callable[[v1.RuntimeServiceBase, str], AbstractContextManager[Any]]
QUICK = Patience(call_timeout_s=5, retry_s=2, reconnect_s=2, silence_s=5, delay_min_s=0.001, delay_max_s=0.01)
IMPATIENT = Patience(call_timeout_s=0.05, retry_s=0.05, reconnect_s=0.05, silence_s=0.05, delay_max_s=0.01)


def changes(*revisions: int) -> v1.WatchJobsResponse:
    made = [v1.JobChange(revision=revision, job=v1.Job(job_id="job-a")) for revision in revisions]
    return v1.WatchJobsResponse(changes=made, revision=revisions[-1], store_id="store-a")


def heartbeat(revision: int) -> v1.WatchJobsResponse:
    return v1.WatchJobsResponse(revision=revision, store_id="store-a")


def failure(status: Status, reason: str) -> GRPCError:
    return GRPCError(status, reason, [ErrorInfo(reason=reason, domain="dome.runtime")])


class Watches(v1.RuntimeServiceBase):
    """Answers each watch with the next of its scripts."""

    def __init__(self, *scripts: Sequence[v1.WatchJobsResponse | Exception]) -> None:
        self._scripts = list(scripts)
        self.requests: list[v1.WatchJobsRequest] = []

    async def watch_jobs(self, message: v1.WatchJobsRequest) -> AsyncIterator[v1.WatchJobsResponse]:
        self.requests.append(message)
        for step in self._scripts.pop(0):
            if isinstance(step, Exception):
                raise step
            yield step


async def watched(path: str, *, count: int, patience: Patience = QUICK, **filters: Any) -> list[int]:
    found: list[int] = []
    async with (
        connect(path, environ={}, patience=patience) as client,
        aclosing(client.watch(**filters)) as stream,
    ):
        async for change in stream:
            found.append(change.revision)
            if len(found) == count:
                break
    return found


async def test_a_watch_goes_on_after_the_last_revision_and_names_the_store(serve: Serve, short_directory: Path) -> None:
    going_away = failure(Status.UNAVAILABLE, "SHUTTING_DOWN")
    service = Watches([changes(5, 6), going_away], [heartbeat(6), changes(7), heartbeat(9)], [changes(10)])
    with serve(service, path := str(short_directory / "s")):
        assert await watched(path, count=4, skill_id="a.tool", states=[v1.JobState.FAILED]) == [5, 6, 7, 10]
    asked = [(each.since_revision, each.store_id, each.skill_id, each.states) for each in service.requests]
    assert asked == [
        (at, store, "a.tool", [v1.JobState.FAILED]) for at, store in ((0, ""), (6, "store-a"), (9, "store-a"))
    ]


@pytest.mark.parametrize("second", [4, 3, 6], ids=["again", "back", "gap"])
async def test_changes_out_of_order_are_an_error_and_never_passed_on(
    serve: Serve, short_directory: Path, second: int
) -> None:
    broken = pytest.raises(WatchBroken, match=f"After the change 4 came the change {second}")
    with serve(Watches([changes(4), changes(second)]), path := str(short_directory / "s")), broken:
        await watched(path, count=2)


async def test_a_filter_may_leave_revisions_out(serve: Serve, short_directory: Path) -> None:
    with serve(Watches([changes(4), changes(9)]), path := str(short_directory / "s")):
        assert await watched(path, count=2, labels={"a": "b"}) == [4, 9]


async def test_a_store_that_is_another_by_now_ends_the_watch(serve: Serve, short_directory: Path) -> None:
    service = Watches([changes(4)], [failure(Status.OUT_OF_RANGE, "EVENTS_GONE")])
    with serve(service, path := str(short_directory / "s")), pytest.raises(DomeError) as raised:
        await watched(path, count=2)
    assert raised.value.reason == "EVENTS_GONE"


async def test_a_watch_gives_up_when_the_daemon_stays_away(serve: Serve, short_directory: Path) -> None:
    service = Watches(*[[failure(Status.UNAVAILABLE, "SHUTTING_DOWN")] for _ in range(100)])
    with serve(service, path := str(short_directory / "s")), pytest.raises(DomeError) as raised:
        await watched(path, count=1, patience=IMPATIENT)
    assert raised.value.reason == "SHUTTING_DOWN"


async def test_a_watch_that_ends_without_a_word_is_resumed(serve: Serve, short_directory: Path) -> None:
    service = Watches(*[[heartbeat(3)] for _ in range(3)], [changes(4)])
    with serve(service, path := str(short_directory / "s")):
        assert await watched(path, count=1, since_revision=3) == [4]
    assert [each.since_revision for each in service.requests] == [3] * 4


async def test_without_a_daemon_there_is_nothing_to_watch(short_directory: Path) -> None:
    with pytest.raises(DaemonUnreachable):
        await watched(str(short_directory / "s"), count=1, patience=IMPATIENT)
