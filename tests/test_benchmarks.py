"""The benchmarks: what is computed from samples, who takes turns, what the report holds, and one real row."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.__main__ import main
from benchmarks.figures import Better, Contender, Metric, Role, Series, growth, percentile, ratio, summary
from benchmarks.harness import Entrants, Samples, Turn, in_turns, run
from benchmarks.machine import Machine, file_system_of, look
from benchmarks.plot import svg
from benchmarks.report import document, figure, text
from benchmarks.row import CannotRun, Missing, Part, Result, Row, Setting
from benchmarks.rows import ROWS

TIME = Metric("time", "ms")
RATE = Metric("rate", "jobs/s", Better.MORE)
DOME = Contender("dome", Role.DOME, "durable")
PEER = Contender("peer", Role.PEER, "in memory")
REPOSITORY = Path(__file__).resolve().parent.parent
ROW_TIMEOUT_S = 60


def series(*rounds: Sequence[float], contender: Contender = DOME, metric: Metric = TIME) -> Series:
    return Series(contender, metric, tuple(tuple(each) for each in rounds))


def a_machine(*, load: float = 0.1, file_system: str = "ext4") -> Machine:
    return Machine("Linux 6", "a processor", 2, "CPython 3.11", "3.40", file_system, load, "abc")


def a_result(*, missing: tuple[Missing, ...] = ()) -> Result:
    async def measure(setting: Setting) -> tuple[Part, ...]:
        raise AssertionError("a result is not measured again")

    row = Row("row", "Do <something>.", "fast", measure, size="lines")
    parts = tuple(
        Part((series([size / 10.0]), series([size / 20.0], contender=PEER)), size, (("lines", "all"),), missing)
        for size in (10, 100)
    )
    return Result(row, parts, seconds=1.0)


def test_a_percentile_is_a_sample_that_was_taken() -> None:
    assert percentile([3.0, 1.0, 2.0], 50.0) == 2.0
    assert percentile(range(1, 101), 99.0) == 99
    assert percentile([7.0], 99.0) == 7.0


def test_the_tail_of_a_metric_lies_on_its_bad_side() -> None:
    assert summary(series(range(1, 101))).p99 == 99
    fast = summary(series(range(1, 101), metric=RATE))
    assert (fast.p99, fast.best, fast.worst) == (1, 100, 1)


def test_the_spread_is_that_of_the_rounds_and_not_of_the_samples() -> None:
    assert summary(series([1, 2, 9], [1, 3, 9])).spread == (2, 3)


def test_a_series_without_samples_has_no_figures() -> None:
    with pytest.raises(ValueError, match="dome has no sample of time"):
        summary(series())


def test_a_ratio_pairs_what_was_measured_in_the_same_round() -> None:
    found = ratio(series([2], [20], [200]), series([1], [10], [50], contender=PEER))
    assert found is not None
    assert (found.median, found.lowest, found.highest) == (2.0, 2.0, 4.0)


def test_nothing_is_divided_by_zero() -> None:
    assert ratio(series([2]), series([0], contender=PEER)) is None
    assert growth((0, series([2])), (10, series([3]))) is None


def test_growth_sets_the_figure_against_the_size() -> None:
    grown = growth((10, series([2])), (100, series([30])))
    assert grown is not None
    assert (grown.size, grown.figure) == (10, 15)


@pytest.mark.parametrize(
    ("value", "shown"), [(0.123, "0.12"), (12.34, "12.3"), (123.4, "123"), (1234567.0, "1,234,567")]
)
def test_a_figure_is_shown_with_the_digits_that_mean_something(value: float, shown: str) -> None:
    assert figure(value) == shown


async def test_contenders_take_turns_and_each_round_begins_with_another() -> None:
    order: list[str] = []

    def turn(contender: Contender) -> Turn:
        async def take() -> Samples:
            order.append(contender.name)
            return {TIME: [1.0]}

        return Turn(contender, take)

    taken = await in_turns([turn(DOME), turn(PEER)], rounds=2, warm_rounds=0)
    assert order == ["dome", "peer", "peer", "dome"]
    assert [each.contender for each in taken] == [DOME, PEER]


async def test_a_warm_round_is_taken_and_not_counted() -> None:
    samples = iter([100.0, 1.0, 2.0])

    async def take() -> Samples:
        return {TIME: [next(samples)]}

    (taken,) = await in_turns([Turn(DOME, take)], rounds=2)
    assert taken.rounds == ((1.0,), (2.0,))


async def test_a_peer_that_is_not_here_is_named_with_the_way_to_get_it() -> None:
    @asynccontextmanager
    async def installed(path: Path) -> AsyncIterator[Path]:
        if not path.name:
            raise CannotRun("There is no peer.", "Install it.")
        yield path

    async with AsyncExitStack() as stack:
        entrants = Entrants(stack)
        assert await entrants.enter("peer", installed(Path())) is None
    assert entrants.missing == (Missing("peer", "There is no peer.", "Install it."),)


async def test_a_row_that_cannot_run_does_not_stop_the_others(tmp_path: Path) -> None:
    async def broken(setting: Setting) -> tuple[Part, ...]:
        raise CannotRun("There is no daemon.", "Write one.")

    async def working(setting: Setting) -> tuple[Part, ...]:
        return (Part((series([1.0]),)),)

    told: list[str] = []
    rows = [Row("broken", "Fail.", "", broken), Row("working", "Work.", "", working)]
    results = await run(rows, base=tmp_path, quick=True, rounds=1, tell=told.append)
    assert [bool(result.missing) for result in results] == [True, False]
    assert "broken: MISSING broken: There is no daemon. Write one." in told
    assert os.listdir(tmp_path) == []


def test_the_report_holds_every_sample_and_what_dome_is_against_its_peer() -> None:
    whole = json.loads(json.dumps(document([a_result()], a_machine(), quick=True, rounds=1)))
    (row,) = whole["rows"]
    dome, peer = row["parts"][0]["series"]
    assert (dome["rounds"], dome["dome_is"]) == ([[1.0]], {})
    assert peer["dome_is"]["dome"]["median"] == 2.0
    assert peer["guarantees"] == "in memory"
    assert row["growth"] == [{"contender": "dome", "metric": "time", "size": 10.0, "figure": 10.0}]


def test_the_table_says_guarantees_ratios_growth_and_what_is_missing() -> None:
    lack = Missing("other", "There is no other.", "Install it.")
    shown = text([a_result(missing=(lack,))], a_machine(), quick=True)
    for wanted in (
        "in memory",
        "2.00x",
        "x10.00 from 10 to 100 lines (x10)",
        "lines: all",
        "MISSING other: There is no other.",
    ):
        assert wanted in shown


def test_figures_of_a_busy_machine_or_of_memory_are_not_to_be_quoted() -> None:
    assert a_machine().warnings == ()
    assert "busy" in a_machine(load=3.0).warnings[0]
    assert "durability costs nothing" in a_machine(file_system="tmpfs").warnings[0]


def test_the_machine_is_described_from_what_is_here(tmp_path: Path) -> None:
    found = look(tmp_path)
    assert found.processors >= 1
    assert found.system.startswith(platform.system())


def test_the_file_system_of_a_folder_is_that_of_its_nearest_mount_point() -> None:
    mounts = "overlay / overlay rw 0 0\n/dev/sda /data ext4 rw 0 0\ntmpfs /data/fast tmpfs rw 0 0\n"
    assert file_system_of(Path("/data/fast/x"), mounts) == "tmpfs"
    assert file_system_of(Path("/data/faster"), mounts) == "ext4"
    assert file_system_of(Path("/home"), mounts) == "overlay"
    assert file_system_of(Path("/home"), "") == "unknown"


def test_the_drawing_is_well_formed_and_has_a_bar_for_each_contender_and_size() -> None:
    drawing = svg([a_result()])
    root = ElementTree.fromstring(drawing)
    assert root.tag.endswith("svg")
    for label in ("dome, 10", "dome, 100", "peer, 10", "peer, 100"):
        assert f">{label}</text>" in drawing


def test_an_unknown_row_is_refused_with_the_names_of_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["no-such-row"]) == 2
    assert "job-latency" in capsys.readouterr().err


def test_rows_are_listed_under_names_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len({row.name for row in ROWS})


def test_a_row_runs_against_a_real_daemon_and_leaves_no_folder(tmp_path: Path) -> None:
    report, work = tmp_path / "report.json", tmp_path / "work"
    work.mkdir()
    command = [sys.executable, "-m", "benchmarks", "submit", "--quick", "--json", str(report), "--folder", str(work)]
    with subprocess.Popen(
        command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as bench:
        try:
            said, _ = bench.communicate(timeout=ROW_TIMEOUT_S)
        finally:
            bench.terminate()  # it stops its daemon; nothing happens where it has ended
    assert bench.returncode == 0, said
    (row,) = json.loads(report.read_text(encoding="utf-8"))["rows"]
    assert [each["contender"] for each in row["parts"][0]["series"]] == ["dome", "one SQLite FULL commit"]
    assert report.with_suffix(".svg").exists()
    assert not any(work.iterdir())
