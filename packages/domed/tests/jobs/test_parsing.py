"""What was written is read as betterproto2 reads it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.parsing import parse, time_of
from dome_contracts.runtime.v1 import Job, JobEvent, ListJobsRequest, SkillExecuteRequest, Submitted
from dome_contracts.wire import timestamp
from packages.domed.tests.jobs.strategies import TIMES, messages


@pytest.mark.parametrize("cls", [Job, JobEvent, ListJobsRequest, SkillExecuteRequest], ids=lambda cls: cls.__name__)
@given(data=st.data())
def test_a_message_is_read_as_betterproto2_reads_it(data: st.DataObject, cls: type[Any]) -> None:
    written = bytes(data.draw(messages(cls)))
    assert parse(cls, written) == cls.parse(written)
    assert bytes(parse(cls, written)) == written


def test_a_field_of_a_later_contract_is_kept() -> None:
    later = bytes(Submitted(skill_id="a")) + b"\xa0\x06\x01"
    assert parse(Submitted, later) == Submitted.parse(later)
    assert bytes(parse(Submitted, later)) == later


@given(TIMES)
def test_a_time_is_read_as_it_was_written(time: Any) -> None:
    assert time_of(timestamp(time)) == time


@pytest.mark.parametrize("cut", [b"\x0a\x05ab", b"\x0a", b"\x0a\xff"], ids=["text", "length", "number"])
def test_a_message_that_is_cut_off_is_refused(cut: bytes) -> None:
    with pytest.raises((ValueError, IndexError)):
        parse(Submitted, cut)


def test_a_field_in_another_wire_type_is_left_to_the_library() -> None:
    other = b"\x08\x01"  # the first field as a number
    assert parse(Submitted, other) == Submitted.parse(other)
