"""The screen, headless, with a runtime in memory; and the feed, with one that goes away."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import DataTable, Input, RichLog, Static

from dome_client.cli.commands.top import without_extra
from dome_client.cli.top.app import TopApp
from dome_client.cli.top.board import JOBS_MAX, Board
from dome_client.cli.top.dialogs import Confirm, Help
from dome_client.cli.top.feed import Feed
from dome_client.errors import DaemonUnreachable, DomeError
from dome_client.testing import FakeRuntime
from dome_contracts.exit_codes import Exit
from dome_contracts.runtime import v1

SIZE = (120, 40)


def screen(runtime: Any, **options: Any) -> TopApp:
    return TopApp(runtime, where="unix:/run/s", now_s=lambda: 0.0, **options)


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await pilot.pause(0.02)


def shown(app: TopApp) -> list[str]:
    return [str(key.value) for key in app.query_one("#jobs", DataTable).rows]


def column(app: TopApp, index: int) -> list[str]:
    table = app.query_one("#jobs", DataTable)
    return [str(table.get_cell_at((row, index))) for row in range(table.row_count)]  # type: ignore[arg-type]


def tail(app: TopApp) -> str:
    return "\n".join(line.text for line in app.query_one("#tail", RichLog).lines)


def text(app: TopApp, selector: str) -> str:
    return str(app.query_one(selector, Static).render())


async def test_jobs_are_shown_as_they_change_and_live_ones_stand_first(runtime: FakeRuntime) -> None:
    ended = await runtime.execute("test.print", {"lines": 2})
    app = screen(runtime)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shown(app) == [ended.job_id])
        running = await runtime.execute("test.endless", {})
        await until(pilot, lambda: shown(app) == [running.job_id, ended.job_id])
        assert column(app, 1) == ["RUNNING", "SUCCEEDED"]
        assert "1 running, 0 queued, 2 known" in text(app, "#status")
        runtime.release(running.job_id)
        await until(pilot, lambda: column(app, 1) == ["SUCCEEDED", "SUCCEEDED"])


async def test_the_chosen_job_shows_what_it_writes_while_it_writes(runtime: FakeRuntime) -> None:
    first = await runtime.execute("test.endless", {})
    second = await runtime.execute("test.print", {"lines": 3})
    app = screen(runtime)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "ready" in tail(app))
        await until(pilot, lambda: first.job_id in text(app, "#tail-heading"))
        runtime.release(first.job_id)
        await until(pilot, lambda: "released" in tail(app))
        await until(pilot, lambda: shown(app) == [second.job_id, first.job_id])
        await pilot.press("up")
        await until(pilot, lambda: "line 3" in tail(app))
        assert "released" not in tail(app)


async def test_words_of_a_tool_cannot_steer_the_screen(runtime: FakeRuntime) -> None:
    await runtime.execute("test.bytes", {})
    app = screen(runtime)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "\\xff" in tail(app))
        assert "\\x00" in tail(app)


async def test_a_job_is_cancelled_only_after_a_yes(runtime: FakeRuntime) -> None:
    job = await runtime.execute("test.endless", {})
    app = screen(runtime)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shown(app) == [job.job_id] and "ready" in tail(app))
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("n")
        await until(pilot, lambda: not isinstance(app.screen, Confirm))
        assert (await runtime.status(job.job_id)).state is v1.JobState.RUNNING
        await pilot.press("c", "y")
        await until(pilot, lambda: column(app, 1) == ["CANCELED"])
    assert (await runtime.status(job.job_id)).state is v1.JobState.CANCELED


async def test_a_filter_and_the_live_view_leave_jobs_out_until_they_are_taken_back(runtime: FakeRuntime) -> None:
    printed = await runtime.execute("test.print", {"lines": 1}, labels={"suite": "nightly"})
    running = await runtime.execute("test.endless", {})
    app = screen(runtime)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: len(shown(app)) == 2)
        await pilot.press("slash", *"nightly", "enter")
        await until(pilot, lambda: shown(app) == [printed.job_id])
        assert "filter: nightly" in text(app, "#status")
        await pilot.press("escape")
        await until(pilot, lambda: len(shown(app)) == 2)
        await pilot.press("a")
        await until(pilot, lambda: shown(app) == [running.job_id])


async def test_keys_are_explained_and_q_leaves(runtime: FakeRuntime) -> None:
    app = screen(runtime, query="nothing")
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, Help))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, Help))
        assert app.query_one("#filter", Input).value == "nothing"
        await pilot.press("q")
    assert app.return_code == 0


class Leaving(FakeRuntime):
    """A runtime whose daemon can be away."""

    away = False

    async def listing(self, **options: Any) -> v1.ListJobsResponse:
        self._check()
        return await super().listing(**options)

    async def watch(self, **options: Any) -> AsyncGenerator[v1.JobChange, None]:
        async for change in super().watch(**options):
            self._check()
            yield change

    async def locks(self) -> v1.ListLocksResponse:
        self._check()
        lock = v1.Lock(name="repo:main", holder_job_id="job-1", waiter_count=2)
        return v1.ListLocksResponse(locks=[lock])

    async def tools(self, *arguments: Any, **options: Any) -> v1.ListToolsResponse:
        found = await super().tools(*arguments, **options)
        found.problems = [v1.CatalogProblem(path="/tools/bad/tool.yaml", message="it has no name")]
        return found

    def _check(self) -> None:
        if self.away:
            raise DaemonUnreachable("No daemon listens.")


async def test_a_daemon_that_goes_away_is_told_and_what_happened_meanwhile_is_shown(runtime: FakeRuntime) -> None:
    leaving = Leaving(list(runtime._tools.values()))
    first = await leaving.execute("test.endless", {})
    app = screen(leaving)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: shown(app) == [first.job_id])
        leaving.away = True
        second = await leaving.execute("test.print", {"lines": 1})
        await until(pilot, lambda: "LOST, trying again: No daemon listens." in text(app, "#status"))
        leaving.away = False
        await until(pilot, lambda: shown(app) == [first.job_id, second.job_id])
        assert "LOST" not in text(app, "#status")


class Stumbling(FakeRuntime):
    """A runtime of whose streams many break: those of these numbers after an event, the others before the first."""

    def __init__(self, *ends: int, last: int) -> None:
        super().__init__()
        self.opened = 0
        self._ends = ends
        self._last = last

    async def events(self, job_id: str, **options: Any) -> AsyncGenerator[v1.JobEvent, None]:
        self.opened += 1
        if self.opened in self._ends:
            yield v1.JobEvent(job_id=job_id, seq=1, last_seq=1)
        if self.opened < self._last:
            raise DaemonUnreachable("No daemon listens.")


async def test_the_tail_waits_longer_each_time_until_it_had_something() -> None:
    delays_s = []

    async def sleep(delay_s: float) -> None:
        delays_s.append(delay_s)

    app = screen(runtime := Stumbling(7, last=9))
    async with app.run_test(size=SIZE):
        await Feed(runtime, app, sleep=sleep).tail(v1.Job(job_id="job-1"))
    assert delays_s == [0.25, 0.5, 1, 2, 4, 4, 0.25, 0.5]


async def test_locks_and_problems_of_the_catalog_stand_beside_the_jobs(runtime: FakeRuntime) -> None:
    app = screen(Leaving(list(runtime._tools.values())))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: text(app, "#locks") == "repo:main  job-1, 2 waiting")
        await until(pilot, lambda: "/tools/bad/tool.yaml: it has no name" in text(app, "#problems"))


@pytest.mark.parametrize(("said", "coloured"), [("1", False), ("", True)])
async def test_colours_are_left_out_where_that_is_asked_for(
    runtime: FakeRuntime, monkeypatch: pytest.MonkeyPatch, said: str, coloured: bool
) -> None:
    monkeypatch.setenv("NO_COLOR", said) if said else monkeypatch.delenv("NO_COLOR", raising=False)
    assert screen(runtime).no_color is not coloured


def test_a_board_keeps_live_jobs_and_lets_the_oldest_ended_ones_go() -> None:
    board = Board()
    board.put(v1.Job(job_id="job-0000", state=v1.JobState.RUNNING))
    for number in range(1, JOBS_MAX + 3):
        board.put(v1.Job(job_id=f"job-{number:04}", state=v1.JobState.FAILED))
    found = [job.job_id for job in board.shown()]
    assert (len(found), found[0], found[1]) == (JOBS_MAX, "job-0000", f"job-{JOBS_MAX + 2:04}")
    assert board.job("job-0003") is None


def test_without_a_terminal_the_way_without_one_is_named(dome: Callable[..., tuple[int, bytes, str]]) -> None:
    code, out, err = dome("top")
    assert (code, out) == (Exit.USAGE, b"")
    assert "dome jobs --watch" in err


@pytest.mark.parametrize("missing", ["textual", "textual.app", "rich.text"])
def test_without_the_extra_it_is_said_how_to_get_it(missing: str) -> None:
    told = without_extra(ModuleNotFoundError(name=missing))
    assert isinstance(told, DomeError)
    assert told.remedy.endswith("-m pip install 'dome-client[top]'")


def test_another_module_that_is_missing_is_a_defect() -> None:
    defect = ModuleNotFoundError(name="dome_client.cli.top.board")
    assert without_extra(defect) is defect
