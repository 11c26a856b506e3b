"""What bytes are let in, and that stored events go out as they are."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.runtime.v1 import (
    Correlation,
    Effector,
    ExecuteConstraints,
    Heartbeat,
    JobEvent,
    ListJobsRequest,
    SkillExecuteRequest,
    StreamJobEventsRequest,
    StreamJobEventsResponse,
    Submitted,
)
from domed.errors import InvalidRequest
from domed.rpc.codec import SplicedEvents, StrictCodec
from packages.domed.tests.jobs.strategies import messages

codec = StrictCodec()
REQUEST = SkillExecuteRequest(
    skill_id="repo.search",
    tool_version="1.0.0",
    input=b'{"pattern": "x"}',
    constraints=ExecuteConstraints(deadline=timedelta(seconds=3), output_bytes_max=7),
    environment={"A": "1"},
    priority=-3,
    labels={"a": "b"},
    correlation=Correlation(run_id="run-x", effector=Effector(id="me")),
)


def violations(data: bytes, message_type: type = SkillExecuteRequest) -> list[str]:
    with pytest.raises(InvalidRequest) as caught:
        codec.decode(data, message_type)
    return [violation.field for violation in caught.value.violations]


def test_a_legal_message_is_what_was_sent() -> None:
    assert codec.decode(bytes(REQUEST), SkillExecuteRequest) == REQUEST


@pytest.mark.parametrize("cls", [SkillExecuteRequest, ListJobsRequest, StreamJobEventsRequest])
@given(data=st.data())
def test_a_message_reads_as_betterproto2_reads_it(data: st.DataObject, cls: type[Any]) -> None:
    encoded = bytes(data.draw(messages(cls)))
    assert codec.decode(encoded, cls) == cls.parse(encoded)


def test_a_message_that_others_write_in_another_way_is_read_too() -> None:
    other = bytes(SkillExecuteRequest(priority=-3)) + bytes(SkillExecuteRequest(skill_id="repo.search"))
    assert codec.decode(other, SkillExecuteRequest) == SkillExecuteRequest.parse(other)


def test_fields_of_a_later_contract_are_let_through() -> None:
    later = bytes(REQUEST) + bytes([0xFA, 0x3F, 2]) + b"hi"  # number 1023, text
    assert codec.decode(later, SkillExecuteRequest).skill_id == "repo.search"


def test_a_cut_message_is_refused() -> None:
    assert violations(bytes(REQUEST)[:-1]) == ["SkillExecuteRequest"]


def test_text_that_is_not_utf8_is_refused() -> None:
    assert violations(b"\x0a\x02\xff\xfe") == ["SkillExecuteRequest"]


def test_a_wrong_wire_type_is_refused_by_name() -> None:
    assert violations(b"\x08\x07") == ["skill_id"]  # a number where text belongs
    assert violations(bytes([10 << 3 | 2, 1, 97])) == ["priority"]  # text where a number belongs
    inner = bytes([2 << 3 | 0, 5])  # constraints.grace as a number
    assert violations(bytes([6 << 3 | 2, len(inner)]) + inner) == ["constraints.grace"]


def test_two_members_of_a_oneof_are_refused() -> None:
    assert violations(b"\x12\x011" + b"\x1a\x01d") == ["pin"]


def test_a_time_beyond_the_calendar_is_refused() -> None:
    year_300000 = b"\x08" + bytes([0x80, 0xA0, 0xBD, 0xF2, 0xF8, 0xD1, 0x01])
    data = bytes([5 << 3 | 2, len(year_300000)]) + year_300000
    assert violations(data, ListJobsRequest) == ["create_time_min"]


@given(st.binary(max_size=60), st.integers(0, 80))
def test_any_bytes_are_a_message_or_a_typed_refusal(noise: bytes, at: int) -> None:
    data = bytes(REQUEST)
    for mutated in (noise, data[:at] + noise + data[at:], data[:at] + noise + data[at + len(noise) :]):
        try:
            decoded = codec.decode(mutated, SkillExecuteRequest)
        except InvalidRequest:
            continue
        assert isinstance(decoded, SkillExecuteRequest)


@given(
    st.lists(st.integers(1, 2**40).map(lambda seq: JobEvent(job_id="job-7", seq=seq, submitted=Submitted()))),
    st.none() | st.builds(Heartbeat, position=st.integers(0, 2**40), output_suppressed=st.booleans()),
)
def test_spliced_events_are_the_bytes_of_the_message(events: list[JobEvent], heartbeat: Heartbeat | None) -> None:
    spliced = SplicedEvents.of([bytes(event) for event in events], heartbeat)
    assert codec.encode(spliced, StreamJobEventsResponse) == bytes(
        StreamJobEventsResponse(events=events, heartbeat=heartbeat)
    )


def test_a_message_of_another_type_is_not_sent() -> None:
    with pytest.raises(TypeError, match="Heartbeat was sent"):
        codec.encode(Heartbeat(), StreamJobEventsResponse)
