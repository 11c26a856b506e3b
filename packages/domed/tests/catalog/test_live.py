"""The catalog on a loop: nobody waits for the reading of what they did not ask for."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from domed.catalog import Catalog, CatalogView, LiveCatalog
from domed.catalog.live import GIVEN_MAX
from domed.errors import SkillNotFound

WriteTool = Callable[..., Path]


class SlowCatalog(Catalog):
    """Reads only when it is let."""

    def __init__(self, root: Path, user_root: Path) -> None:
        self.time_s = 0.0
        super().__init__(root, [user_root], monotonic=lambda: self.time_s)
        self.begun = threading.Event()
        self.may_read = threading.Event()
        self.reads = 0
        self.threads: set[str] = set()

    def view(self, working_directory: str = "") -> CatalogView:
        self.reads += 1
        self.begun.set()
        self.threads.add(threading.current_thread().name)
        assert self.may_read.wait(10)
        return super().view(working_directory)


@pytest.fixture
def slow(tmp_path: Path, write_tool: WriteTool) -> SlowCatalog:
    write_tool(tmp_path / "builtin/echo")
    write_tool(tmp_path / "user/other", {"tool_id": "user.other"})
    return SlowCatalog(tmp_path / "builtin", tmp_path / "user")


@pytest.fixture
async def live(slow: SlowCatalog) -> AsyncIterator[LiveCatalog]:
    made = LiveCatalog(slow)
    yield made
    slow.may_read.set()
    made.close()


async def test_files_are_read_in_a_thread_of_the_catalogs_own(slow: SlowCatalog, live: LiveCatalog) -> None:
    slow.may_read.set()
    await live.view()
    assert slow.threads == {"catalog_0"}


async def test_a_shipped_tool_is_there_while_the_others_are_read(slow: SlowCatalog, live: LiveCatalog) -> None:
    live.prepare()
    live.warm()
    slow.time_s += 0.5
    live.prepare()
    assert (await live.require("demo.echo")).tool_id == "demo.echo"
    waiting = asyncio.ensure_future(live.require("user.other"))
    await asyncio.sleep(0)
    assert not waiting.done()
    slow.may_read.set()
    assert (await waiting).tool_id == "user.other"


async def test_all_who_come_before_a_look_begins_share_it(slow: SlowCatalog, live: LiveCatalog) -> None:
    first = asyncio.ensure_future(live.view())
    assert await asyncio.to_thread(slow.begun.wait, 10)
    others = [asyncio.ensure_future(live.view()) for _ in range(20)]
    await asyncio.sleep(0)
    slow.may_read.set()
    await asyncio.gather(first, *others)
    assert slow.reads == 2


async def test_an_edit_before_a_call_is_seen_by_it(
    slow: SlowCatalog, live: LiveCatalog, tmp_path: Path, write_tool: WriteTool
) -> None:
    slow.may_read.set()
    for number in range(10):
        write_tool(tmp_path / f"user/{number}", {"tool_id": f"user.n{number}"})
        assert (await live.view()).tool(f"user.n{number}") is not None
        assert (await live.require(f"user.n{number}")).tool_id == f"user.n{number}"


async def test_one_who_leaves_takes_the_look_from_nobody(slow: SlowCatalog, live: LiveCatalog) -> None:
    leaving, staying = asyncio.ensure_future(live.view()), asyncio.ensure_future(live.view())
    await asyncio.sleep(0)
    leaving.cancel()
    slow.may_read.set()
    assert (await staying).tool("user.other") is not None


async def test_a_view_is_kept_for_who_pages_through_it(
    slow: SlowCatalog, live: LiveCatalog, tmp_path: Path, write_tool: WriteTool
) -> None:
    slow.may_read.set()
    first = await live.view()
    write_tool(tmp_path / "user/later", {"tool_id": "user.later"})
    second = await live.view()
    assert await live.view_of(first.revision) is first
    assert await live.view_of(second.revision) is second
    assert await live.view_of("sha256:none") is None
    for number in range(GIVEN_MAX):
        await live.view(f"/no/such/{number}")
    assert await live.view_of(first.revision) is None


async def test_an_unknown_id_is_told_after_everything_was_read(slow: SlowCatalog, live: LiveCatalog) -> None:
    slow.may_read.set()
    with pytest.raises(SkillNotFound):
        await live.require("no.such")


async def test_nothing_is_read_after_the_close(slow: SlowCatalog) -> None:
    slow.may_read.set()
    live = LiveCatalog(slow)
    live.warm()
    await live.view()
    live.close()
    live.close()
    with pytest.raises(RuntimeError):
        await live.view()
