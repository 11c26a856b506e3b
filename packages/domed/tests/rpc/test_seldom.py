"""Strangers get the first line and a count, however often they come."""

import logging

import pytest

from domed.rpc.seldom import PERIOD_S, Seldom
from domed.telemetry import Log
from packages.domed.tests.values import FixedClock

LOG = Log("tests")


def lines(caplog: pytest.LogCaptureFixture) -> list[tuple[str, dict[str, object]]]:
    return [(record.getMessage(), record.domed_fields) for record in caplog.records]  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def level(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)


def test_the_first_is_written_and_the_others_are_counted_in_one_line_a_period(caplog: pytest.LogCaptureFixture) -> None:
    clock = FixedClock()
    seldom = Seldom(clock)
    for _ in range(1000):
        seldom.warning(LOG, "knock", client="a")
    assert lines(caplog) == [("knock", {"client": "a"})]
    clock.advance(PERIOD_S)
    for _ in range(1000):
        seldom.warning(LOG, "knock", client="b")
    assert lines(caplog)[1:] == [("knock", {"client": "b", "times": 1000, "within_s": PERIOD_S})]


def test_what_comes_seldom_is_written_each_time_and_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    clock = FixedClock()
    seldom = Seldom(clock)
    for _ in range(3):
        seldom.warning(LOG, "knock")
        clock.advance(PERIOD_S)
    assert lines(caplog) == [("knock", {})] * 3


def test_kinds_are_counted_apart(caplog: pytest.LogCaptureFixture) -> None:
    seldom = Seldom(FixedClock())
    for kind in ("knock", "shout", "knock", "shout"):
        seldom.warning(LOG, kind)
    assert lines(caplog) == [("knock", {}), ("shout", {})]


def test_what_was_counted_is_told_in_the_end_once(caplog: pytest.LogCaptureFixture) -> None:
    clock = FixedClock()
    seldom = Seldom(clock)
    for kind in ("knock", "knock", "knock", "shout"):
        seldom.warning(LOG, kind)
    clock.advance(2)
    seldom.tell_rest()
    seldom.tell_rest()
    assert lines(caplog)[2:] == [("knock", {"times": 2, "within_s": 2.0})]
