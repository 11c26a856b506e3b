"""Ids that are made, and ids that are derived."""

import re
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from dome_spec.kernel import FixedClock, Ids, derived_id

ID = re.compile(r"repo-[0-7][0-9a-hjkmnp-tv-z]{25}")


def test_ids_of_one_maker_sort_in_the_order_in_which_they_were_made() -> None:
    ids = Ids(FixedClock(datetime(2024, 5, 17, tzinfo=UTC)), entropy=lambda count: b"\xff" * count)
    made = [ids.new("repo") for _ in range(50)]
    assert made == sorted(set(made))
    assert all(map(ID.fullmatch, made))


@given(st.binary())
def test_a_derived_id_is_that_of_its_source(source: bytes) -> None:
    derived = derived_id("repo", source)
    assert ID.fullmatch(derived)
    assert derived == derived_id("repo", source)
    assert derived != derived_id("repo", source + b"x")
