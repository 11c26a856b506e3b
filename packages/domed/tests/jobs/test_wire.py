"""Bytes of messages are those that betterproto2 gives."""

from typing import Any

import betterproto2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts import wire
from dome_contracts.runtime.v1 import (
    Finished,
    Job,
    Outcome,
    Requester,
    RunProvenance,
    SkillExecuteRequest,
    Submitted,
    ToolDescriptor,
)
from packages.domed.tests.jobs.strategies import messages


@pytest.mark.parametrize("cls", [Job, SkillExecuteRequest, ToolDescriptor], ids=lambda cls: cls.__name__)
@given(data=st.data())
def test_a_message_has_the_bytes_that_betterproto2_gives_it(data: st.DataObject, cls: type[Any]) -> None:
    message = data.draw(messages(cls))
    assert wire.encode(message) == bytes(message)


@given(record=messages(RunProvenance), outcomes=st.lists(messages(Outcome), min_size=2, max_size=4))
def test_what_is_said_again_has_the_same_bytes(record: RunProvenance, outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        message = Finished(outcome=outcome, provenance=record)
        assert wire.encode(message) == bytes(message)


def test_little_is_kept_of_what_was_said() -> None:
    for uid in range(3 * wire.KEPT_MAX):
        message = RunProvenance(requester=Requester(uid=uid))
        assert wire.encode(message) == bytes(message)
    assert len(wire._kept) <= wire.KEPT_MAX


def test_a_field_of_a_later_contract_is_kept() -> None:
    later = Submitted.parse(bytes(Submitted(skill_id="a")) + b"\xa0\x06\x01")
    assert wire.encode(later) == bytes(later)


@given(st.integers(-(2**63), 2**64 - 1))
def test_integers_are_written_as_protobuf_writes_them(number: int) -> None:
    assert wire.varint(number) == betterproto2.encode_varint(number)
