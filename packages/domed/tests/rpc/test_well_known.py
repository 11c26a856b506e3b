"""A duration or a time that is none is refused where it comes in, by its place in the request."""

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.runtime.v1 import ListJobsRequest, SkillExecuteRequest
from domed.errors import InvalidRequest
from domed.rpc.codec import StrictCodec

codec = StrictCodec()
INT32 = st.integers(-(2**31), 2**31 - 1)
INT64 = st.integers(-(2**63), 2**63 - 1)


def field(number: int, body: bytes) -> bytes:
    return bytes([number << 3 | 2, len(body)]) + body


def execute(deadline: Duration, grace: Duration | None = None) -> bytes:
    """A request with these bytes as constraints, whatever they mean."""
    constraints = field(1, deadline.SerializeToString())
    if grace is not None:
        constraints += field(2, grace.SerializeToString())
    return field(1, b"repo.search") + field(6, constraints)


def refused(data: bytes, message_type: type = SkillExecuteRequest) -> dict[str, str]:
    with pytest.raises(InvalidRequest) as caught:
        codec.decode(data, message_type)
    return {violation.field: violation.description for violation in caught.value.violations}


@pytest.mark.parametrize(
    ("seconds", "nanos", "problem"),
    [
        (1, 1_000_000_000, "nanos must be"),
        (0, -1_000_000_000, "nanos must be"),
        (1, -1, "different signs"),
        (-1, 1, "different signs"),
        (315_576_000_001, 0, "10,000 years"),
        (-(2**63), 0, "10,000 years"),
    ],
)
def test_an_illegal_duration_is_refused_by_its_place(seconds: int, nanos: int, problem: str) -> None:
    found = refused(execute(Duration(seconds=seconds, nanos=nanos)))
    assert list(found) == ["constraints.deadline"]
    assert problem in found["constraints.deadline"]


def test_all_that_are_illegal_are_named_at_once() -> None:
    bad = Duration(nanos=-(2**31))
    assert list(refused(execute(bad, bad))) == ["constraints.deadline", "constraints.grace"]


@pytest.mark.parametrize(
    ("seconds", "nanos"), [(0, -1), (0, 1_000_000_000), (253_402_300_800, 0), (-62_135_596_801, 0)]
)
def test_an_illegal_time_is_refused_by_its_place(seconds: int, nanos: int) -> None:
    data = field(5, Timestamp(seconds=seconds, nanos=nanos).SerializeToString())
    assert list(refused(data, ListJobsRequest)) == ["create_time_min"]


def test_the_longest_and_the_smallest_legal_ones_come_through_the_wire() -> None:
    for seconds, nanos in ((0, 999_999_999), (0, -999_999_999), (-5, -1), (5, 1)):
        decoded = codec.decode(execute(Duration(seconds=seconds, nanos=nanos)), SkillExecuteRequest)
        assert decoded.constraints.deadline.total_seconds() == pytest.approx(seconds + nanos / 1e9, abs=1e-6)


@given(INT64, INT32)
def test_a_duration_is_legal_or_refused(seconds: int, nanos: int) -> None:
    legal = abs(nanos) < 10**9 and abs(seconds) <= 315_576_000_000 and seconds * nanos >= 0
    try:
        codec.decode(execute(Duration(seconds=seconds, nanos=nanos)), SkillExecuteRequest)
    except InvalidRequest as error:
        assert not legal
        assert error.violations[0].field == "constraints.deadline"
    else:
        assert legal
