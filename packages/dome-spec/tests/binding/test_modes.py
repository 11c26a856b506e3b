"""Fallback modes: what lets an attempt in, and whether a capsule may begin with it."""

import pytest

from dome_spec.binding.facts import row_of
from dome_spec.binding.modes import Admission, Result, admit, mode_of
from dome_spec.binding.values import Wrapping
from tests.histories import a_wrapper

SUCCESS, FAILURE, REFUSAL = Result.SUCCESS, Result.FAILURE, Result.REFUSAL


def wrapped(signal: str, *, triggered: bool = False, mode: str = "hybrid") -> Wrapping:
    row = row_of(a_wrapper(signal=signal, triggered=triggered, mode=mode))
    assert isinstance(row, Wrapping)
    return row


def admitted(
    mode: str, result: Result, *signals: str, addresses: bool = True, triggered: bool = False
) -> Admission | None:
    wrappings = [wrapped(signal, triggered=triggered) for signal in signals]
    return admit(mode, result, addresses=addresses, wrappings=wrappings, named=())


@pytest.mark.parametrize("signal", ["task_failed", "gate_failure", "guard_denial"])
def test_in_strict_mode_a_capsule_begins_with_a_wrapper_of_a_failure_or_a_denial(signal: str) -> None:
    assert admitted("strict", FAILURE, signal) == Admission(signal, begins=True)


@pytest.mark.parametrize("signal", ["task_succeeded", "promoted_evidence", "anomaly"])
def test_in_strict_mode_any_other_wrapper_counts_and_begins_nothing(signal: str) -> None:
    assert admitted("strict", SUCCESS, signal) == Admission(signal, begins=False)


@pytest.mark.parametrize("result", list(Result))
def test_in_strict_mode_what_nobody_wrapped_does_not_count(result: Result) -> None:
    assert admitted("strict", result) is None
    assert admitted("strict", result, "anomaly", triggered=True) is None
    assert admit("strict", result, addresses=True, wrappings=(), named=("storm",)) is None


def test_in_hybrid_mode_what_a_trigger_names_counts() -> None:
    assert admit("hybrid", REFUSAL, addresses=False, wrappings=(), named=("b", "a")) == Admission("a b", begins=True)
    assert admitted("hybrid", FAILURE, "anomaly", triggered=True) == Admission("anomaly", begins=True)
    assert admitted("hybrid", FAILURE) is None


def test_in_lenient_mode_everything_counts() -> None:
    assert admitted("lenient", FAILURE) == Admission("lenient", begins=True)
    assert admitted("lenient", SUCCESS) == Admission("lenient", begins=True)


@pytest.mark.parametrize("mode", ["hybrid", "lenient"])
def test_a_success_that_addresses_nothing_begins_nothing(mode: str) -> None:
    assert admitted(mode, SUCCESS, "task_succeeded", addresses=False) == Admission("task_succeeded", begins=False)
    assert admitted(mode, SUCCESS, "task_succeeded") == Admission("task_succeeded", begins=True)


def test_the_mode_is_the_runs_else_the_strictest_of_the_wrappers_else_the_policys() -> None:
    lenient, strict = wrapped("task_failed", mode="lenient"), wrapped("task_failed", mode="strict")
    assert mode_of("hybrid", [strict], "lenient") == "hybrid"
    assert mode_of(None, [lenient, strict], "hybrid") == "strict"
    assert mode_of(None, [], "hybrid") == "hybrid"
