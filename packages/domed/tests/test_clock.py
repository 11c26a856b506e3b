"""Time and ids of the machine."""

from datetime import UTC, timedelta

from dome_contracts import ids
from domed.clock import SystemClock, SystemIds
from packages.domed.tests.values import FixedClock


def test_the_time_of_day_is_in_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


def test_durations_never_go_back() -> None:
    clock = SystemClock()
    assert clock.monotonic() <= clock.monotonic()


def test_job_ids_sort_in_the_order_in_which_they_were_made_even_when_the_clock_goes_back() -> None:
    clock = FixedClock()
    maker = SystemIds(clock)
    made = []
    for seconds in (0, 0, 5, -60, 0, 1):
        clock.advance(seconds)
        made.append(maker.new_job_id())
    assert made == sorted(set(made))


def test_an_id_tells_when_it_was_made() -> None:
    clock = FixedClock()
    made = ids.time_ms_of(ids.body_of(SystemIds(clock).new_run_id()))
    assert timedelta(milliseconds=made) == clock.now() - clock.now().fromtimestamp(0, UTC)


def test_every_id_says_what_it_names() -> None:
    maker = SystemIds(FixedClock())
    made = [maker.new_job_id(), maker.new_run_id(), maker.new_error_id(), maker.new_store_id()]
    assert [each.split("-")[0] for each in made] == ["job", "run", "inc", "store"]
