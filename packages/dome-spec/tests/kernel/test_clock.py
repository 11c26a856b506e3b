"""Moments, as text and as microseconds."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_spec.kernel import FixedClock, NotAMoment, SystemClock, from_micros, micros, moment, timestamp

WHEN = datetime(2024, 5, 17, 9, 30, 15, 123456, tzinfo=UTC)
MOMENTS = st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(UTC))


@given(MOMENTS)
def test_a_moment_survives_both_forms(when: datetime) -> None:
    assert moment(timestamp(when)) == when
    assert from_micros(micros(timestamp(when))) == when


@given(MOMENTS, MOMENTS)
def test_microseconds_sort_as_moments_do(one: datetime, other: datetime) -> None:
    assert (micros(timestamp(one)) < micros(timestamp(other))) == (one < other)


def test_text_is_in_utc_wherever_the_moment_is_from() -> None:
    elsewhere = WHEN.astimezone(timezone(timedelta(hours=9)))
    assert timestamp(elsewhere) == "2024-05-17T09:30:15.123456Z"


def test_a_fraction_of_any_length_is_the_same_moment() -> None:
    assert micros("2024-05-17T09:30:15.5Z") == micros("2024-05-17T09:30:15.500000Z")


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2024-05-17", "2024-05-17T09:30:15", "2024-05-17T09:30:15+02:00", "2024-13-17T09:30:15Z"]
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(NotAMoment):
        micros(text)


def test_the_clock_of_the_machine_goes_on_and_a_fixed_one_stands() -> None:
    clock = SystemClock()
    assert clock.now() <= clock.now()
    assert clock.now().tzinfo is UTC
    assert FixedClock(WHEN).now() == WHEN
