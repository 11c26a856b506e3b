"""A message that was read by the table says what the stubs say, and bytes that are no message are refused."""

from contextlib import suppress
from typing import Any

import pytest
from betterproto2 import Casing, Enum, Message, OutputFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dome_client.cli.render.document import document
from dome_client.lean.view import EnumNumber, View
from dome_client.lean.wire import WireError, decode, encode
from dome_contracts.runtime import v1 as runtime
from dome_contracts.wire_table import MESSAGES
from tests.contract.wire_messages import instances, messages, metas, wire_name
from tests.suite import tried

OURS = [cls for cls in messages() if cls.__module__ == runtime.__name__]
ASKED = [
    runtime.CancelJobRequest,
    runtime.GetJobStatusRequest,
    runtime.GetToolRequest,
    runtime.ListJobsRequest,
    runtime.ListLocksRequest,
    runtime.ListToolsRequest,
]
MANY = settings(max_examples=tried(20, few=10), deadline=None, suppress_health_check=[HealthCheck.too_slow])


def plain(value: Any) -> Any:
    """What a value says, whoever read it."""
    match value:
        case Enum() | EnumNumber():
            return (int(value), value.name, value.proto_name)
        case Message():
            return {name: plain(getattr(value, name)) for name in metas(type(value))}
        case View():
            return {name: plain(getattr(value, name)) for _, name, *_ in MESSAGES[value._message]}
        case list():
            return [plain(each) for each in value]
        case dict():
            return {key: plain(each) for key, each in value.items()}
    return value


def said(value: Any) -> Any:
    """The fields that say something, as JSON is made of them."""
    match value:
        case View():
            return {name: said(each) for name, each in value.fields()}
        case list():
            return [said(each) for each in value]
        case dict():
            return {key: said(each) for key, each in value.items()}
    return plain(value)


def test_the_table_has_every_message() -> None:
    assert {wire_name(cls) for cls in OURS} <= MESSAGES.keys()


@pytest.mark.parametrize("cls", OURS, ids=wire_name)
@MANY
@given(data=st.data())
def test_a_view_says_what_the_stubs_say(cls: type[Message], data: st.DataObject) -> None:
    stub = data.draw(instances(cls))
    view = decode(wire_name(cls), bytes(stub))
    assert plain(view) == plain(stub)
    assert said(view) == plain(stub.to_dict(output_format=OutputFormat.PYTHON, casing=Casing.SNAKE))


@pytest.mark.parametrize("cls", ASKED, ids=wire_name)
@MANY
@given(data=st.data())
def test_a_request_that_was_made_by_the_table_is_one_of_the_stubs(cls: type[Message], data: st.DataObject) -> None:
    drawn = data.draw(instances(cls))
    values = {name: getattr(drawn, name) for name in metas(cls) if not name.startswith("create_time")}
    assert cls.parse(encode(wire_name(cls), values)) == cls(**values)


def test_numbers_that_this_version_does_not_know_are_kept_without_a_name() -> None:
    stub = runtime.Job(state=runtime.JobState(77))
    view = decode("dome.runtime.v1.Job", bytes(stub))
    assert (view.state, view.state.name, document(view)) == (77, "", document(stub))


def test_fields_that_this_version_does_not_know_are_passed_over() -> None:
    unknown = b"".join((b"\xc8\x3e\x05", b"\xc9\x3e12345678", b"\xca\x3e\x02hi", b"\xcd\x3e1234"))
    view = decode("dome.runtime.v1.Job", unknown + bytes(runtime.Job(job_id="job-1")) + unknown)
    assert document(view) == {"job_id": "job-1"}


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=60))
def test_any_bytes_are_a_message_or_refused(data: bytes) -> None:
    with suppress(WireError):
        assert isinstance(decode("dome.runtime.v1.ListJobsResponse", data), View)


@settings(max_examples=tried(100, few=30))
@given(st.data())
def test_a_message_that_was_cut_short_is_read_as_the_stubs_read_it_or_refused(data: st.DataObject) -> None:
    whole = bytes(data.draw(instances(runtime.Job)))
    cut = whole[: data.draw(st.integers(0, len(whole)))]
    try:
        view = decode("dome.runtime.v1.Job", cut)
    except WireError:
        return
    assert plain(view) == plain(runtime.Job.parse(cut))
