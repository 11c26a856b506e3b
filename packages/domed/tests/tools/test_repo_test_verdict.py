"""What comes of a session of pytest is decided by what was seen of it, never by the exit code alone."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domed.tools.repo_test.child import Ended
from domed.tools.repo_test.report import FAULTS_BYTES_MAX, OUTCOMES, Circumstances, report
from domed.tools.repo_test.tally import FAULTS_MAX, Tally
from domed.tools.repo_test.verdict import Stop, verdict

BEGUN: list[dict[str, Any]] = [
    {"type": "python", "version": "3.11.7", "executable": "/x/python"},
    {"type": "pytest", "version": "9.0.0"},
    {"type": "session", "root": "/x"},
]
WELL = Ended(0, None)
FAULT = {
    "path": "a.py",
    "line": 1,
    "message": "no",
    "message_truncated": False,
    "traceback": "no",
    "traceback_truncated": False,
}


def started(node_id: str) -> dict[str, Any]:
    return {"type": "started", "node_id": node_id}


def finished(node_id: str) -> dict[str, Any]:
    return {"type": "finished", "node_id": node_id}


def phase(node_id: str, outcome: str) -> dict[str, Any]:
    fault = FAULT if outcome in {"failed", "error", "crashed"} else {}
    return {"type": "phase", "node_id": node_id, "phase": "call", "outcome": outcome, "duration_s": 0.5, **fault}


def ran(node_id: str, outcome: str) -> list[dict[str, Any]]:
    return [started(node_id), phase(node_id, outcome), finished(node_id)]


def over(exit_status: int) -> list[dict[str, Any]]:
    return [{"type": "session_end", "stopped": ""}, {"type": "end", "exit_status": exit_status}]


def tally(*events: dict[str, Any], begun: bool = True) -> Tally:
    found = Tally()
    for event in [*(BEGUN if begun else []), *events]:
        found.take(event)
    return found


def reason(found: Tally, ended: Ended, *, stop: Stop | None = None) -> str | None:
    failure = verdict(found, ended, stop=stop, running=list(found.running))
    return failure.reason if failure else None


UNCOLLECTED = {"type": "collection_error", "node_id": "a.py", **FAULT}
CASES: list[tuple[list[dict[str, Any]], Ended, str | None]] = [
    ([*ran("a", "passed"), *over(0)], WELL, None),
    ([*ran("a", "skipped"), *over(0)], WELL, None),
    ([*ran("a", "failed"), *over(1)], Ended(1, None), "TESTS.FAILED"),
    # A plugin may make every session succeed.
    ([*ran("a", "failed"), *over(0)], WELL, "TESTS.FAILED"),
    ([*ran("a", "error"), *over(0)], WELL, "TESTS.FAILED"),
    ([*over(0)], WELL, "TESTS.NONE_COLLECTED"),
    ([*over(5)], Ended(5, None), "TESTS.NONE_COLLECTED"),
    ([UNCOLLECTED, *over(0)], WELL, "TESTS.COLLECTION_FAILED"),
    ([UNCOLLECTED, *ran("a", "failed"), *over(1)], Ended(1, None), "TESTS.COLLECTION_FAILED"),
    ([*ran("a", "passed"), *over(1)], Ended(1, None), "TOOL.FAILED"),
    ([*ran("a", "passed"), *over(77)], Ended(77, None), "TOOL.FAILED"),
    ([*ran("a", "passed"), *over(256)], WELL, "TOOL.FAILED"),
    # The interpreter dies: before, within and after the tests.
    ([], WELL, "TESTS.CRASHED"),
    ([*ran("a", "failed"), started("b")], WELL, "TESTS.CRASHED"),
    ([*ran("a", "failed"), started("b")], Ended(1, None), "TESTS.CRASHED"),
    ([*ran("a", "passed"), *over(0)], Ended(None, 11), "TESTS.CRASHED"),
    ([*ran("a", "passed"), *over(0)], Ended(120, None), "TESTS.CRASHED"),
    ([started("a"), phase("a", "crashed"), *over(1)], Ended(1, None), "TESTS.CRASHED"),
    ([{"type": "worker_died", "message": "gone"}, *over(5)], Ended(5, None), "TESTS.CRASHED"),
    ([{"type": "internal_error", "message": "x"}, *over(3)], Ended(3, None), "TESTS.COLLECTION_FAILED"),
    ([started("a"), {"type": "internal_error", "message": "x"}, *over(3)], Ended(3, None), "TESTS.CRASHED"),
    ([{"type": "raised", "message": "SystemExit: 0"}], WELL, "TESTS.COLLECTION_FAILED"),
    ([started("a"), {"type": "raised", "message": "SystemExit: 0"}], WELL, "TESTS.CRASHED"),
    ([*ran("a", "passed"), {"type": "interrupted", "message": "Exit: x"}, *over(0)], WELL, "TESTS.INTERRUPTED"),
    (
        [*ran("a", "passed"), {"type": "session_end", "stopped": "enough"}, {"type": "end", "exit_status": 0}],
        WELL,
        "TESTS.INTERRUPTED",
    ),
    (
        [*ran("a", "failed"), {"type": "interrupted", "message": "stopping after 1 failures"}, *over(2)],
        Ended(2, None),
        "TESTS.FAILED",
    ),
]


@pytest.mark.parametrize(("events", "ended", "expected"), CASES)
def test_what_happened_decides(events: list[dict[str, Any]], ended: Ended, expected: str | None) -> None:
    assert reason(tally(*events), ended) == expected


@pytest.mark.parametrize("ended", [WELL, Ended(1, None), Ended(None, 9), Ended(None, 64)])
def test_an_end_that_the_tool_brought_about_has_its_own_reason_however_pytest_ended(ended: Ended) -> None:
    found = tally(*ran("a", "failed"), started("b"))
    assert reason(found, ended, stop=Stop.CANCEL) == "CANCEL.REQUESTED"
    assert reason(found, ended, stop=Stop.IDLE) == reason(found, ended, stop=Stop.TIMEOUT) == "TESTS.HUNG"


def test_what_never_spoke_is_no_python_unless_a_signal_ended_it() -> None:
    assert reason(tally(begun=False), Ended(2, None)) == "TESTS.RUNNER_MISSING"
    assert reason(tally(begun=False), Ended(None, 4)) == "TESTS.CRASHED"


def test_the_collection_error_of_each_worker_is_one_error() -> None:
    found = tally(UNCOLLECTED, UNCOLLECTED)
    assert (found.uncollected, len(found.collection_errors)) == (1, 1)


def test_a_test_that_is_run_again_is_done_once() -> None:
    found = tally(started("a"), phase("a", ""), finished("a"), *ran("a", "passed"))
    assert (found.done, found.outcomes["passed"], dict(found.slowest(1))) == (1, 1, {"a": 1.0})


def circumstances() -> Circumstances:
    return Circumstances(
        python=Path("/x/.venv/bin/python"),
        folder=Path("/x/below"),
        duration_s=1.0,
        running=[],
        exit_code=0,
        signal=None,
        stack="",
        stack_truncated=False,
    )


def test_faults_that_are_too_large_together_are_left_out_and_counted() -> None:
    large = {"message": "é" * 2000, "traceback": "é" * 8000}
    found = tally(*({**phase(f"t{number}", "failed"), **large} for number in range(FAULTS_MAX)))
    result = report(found, circumstances())
    assert 0 < len(result["failures"]) < FAULTS_MAX
    assert len(result["failures"]) + result["failures_omitted"] == FAULTS_MAX
    assert len(str(result["failures"]).encode()) < FAULTS_BYTES_MAX


@pytest.mark.parametrize(
    ("told", "expected"),
    [("/x/below/a.py", "a.py"), ("below/b/c.py", "b/c.py"), ("d.py", "/x/d.py"), ("/lib/e.py", "/lib/e.py")],
)
def test_a_path_is_relative_to_the_folder_where_it_lies_in_it(told: str, expected: str) -> None:
    (failure,) = report(tally({**phase("a", "failed"), "path": told}), circumstances())["failures"]
    assert failure["path"] == expected


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from(["", *OUTCOMES])), max_size=20))
def test_every_outcome_is_counted_and_no_failure_is_a_success(phases: list[tuple[str, str]]) -> None:
    found = tally(*(event for node_id, outcome in phases for event in ran(node_id, outcome)), *over(0))
    result = report(found, circumstances())
    told = {name: sum(outcome == name for _, outcome in phases) for name in OUTCOMES}
    assert {name: number for name, number in result["totals"].items() if name in OUTCOMES} == told
    assert (reason(found, WELL) is None) == (bool(phases) and not found.failed)
    assert result["tests_done"] == len({node_id for node_id, _ in phases})
