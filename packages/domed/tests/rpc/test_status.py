"""What an error looks like on the wire."""

import inspect
from typing import Any

import pytest
from grpclib.const import Status

from dome_contracts.errors.v1 import ErrorReason
from dome_contracts.google.rpc import BadRequest, ErrorInfo, Help, RetryInfo
from dome_contracts.rpc_errors import RPC_ERRORS
from domed import errors
from domed.errors import DomedError, FieldViolation, InvalidRequest, LockConflict
from domed.rpc.details import DetailsCodec
from domed.rpc.edge import trailers
from domed.rpc.status import answer_of

CLASSES = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, DomedError) and kind is not DomedError
]


def made(kind: type[DomedError]) -> DomedError:
    """One of the kind, with arguments by their annotations."""
    if kind is InvalidRequest:
        return InvalidRequest([FieldViolation("a", "b")])
    values: dict[Any, Any] = {int: 7, str: "x"}
    parameters = inspect.signature(kind).parameters.values()
    by_place = [values[each.annotation] for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
    by_name = {each.name: values.get(each.annotation, ()) for each in parameters if each.kind is each.KEYWORD_ONLY}
    return kind(*by_place, **by_name)


def test_each_reason_has_one_class() -> None:
    assert sorted(kind.reason.name or "" for kind in CLASSES) == sorted(
        reason.name or "" for reason in ErrorReason if reason.value
    )


@pytest.mark.parametrize("kind", CLASSES)
def test_status_metadata_and_remedy_are_those_of_the_catalogue(kind: type[DomedError]) -> None:
    answer = answer_of(made(kind))
    known = RPC_ERRORS[str(kind.reason.name)]
    assert answer.status.value == known.grpc_status
    assert answer.message.endswith(known.remedy)
    [found] = [detail for detail in answer.details if isinstance(detail, ErrorInfo)]
    assert (found.reason, found.domain) == (known.reason, "dome.runtime")
    assert set(found.metadata) == set(known.metadata)


def test_no_detail_type_appears_twice() -> None:
    for kind in CLASSES:
        kinds = [type(detail) for detail in answer_of(made(kind)).details]
        assert len(kinds) == len(set(kinds))


def test_a_lock_conflict_is_retried_by_the_caller_not_by_the_clock() -> None:
    answer = answer_of(LockConflict("port-80", holder_job="job-7"))
    assert answer.status is Status.ABORTED
    assert not any(isinstance(detail, RetryInfo) for detail in answer.details)


def test_the_whole_answer_fits_into_the_headers_that_clients_accept() -> None:
    many = InvalidRequest([FieldViolation(f"input/{'x' * 500}/{n}", "ü" * 900) for n in range(500)])
    for error in (
        many,
        errors.SkillNotFound("ü" * 9000),
        errors.WorkingDirectoryInvalid("/" + "ü" * 4000, problem="x"),
    ):
        assert sum(len(name) + len(value) + 32 for name, value in trailers(error)) < 8 * 1024
    kept = next(detail for detail in answer_of(many).details if isinstance(detail, BadRequest))
    assert len(kept.field_violations) >= 1


def test_details_survive_the_codec() -> None:
    codec = DetailsCodec()
    answer = answer_of(InvalidRequest([FieldViolation("a", "b")]))
    data = codec.encode(answer.status, answer.message, answer.details)
    assert codec.decode(answer.status, answer.message, data) == list(answer.details)


def test_details_of_an_unknown_type_stay_packed() -> None:
    from dome_contracts.google.protobuf import Any
    from dome_contracts.google.rpc import Status as StatusMessage

    unknown = Any(type_url="type.googleapis.com/no.such.Type", value=b"x")
    data = bytes(StatusMessage(code=3, details=[Any.pack(Help()), unknown]))
    assert DetailsCodec().decode(Status.INVALID_ARGUMENT, "", data) == [Help(), unknown]


@pytest.mark.parametrize("description", ["is required", "is too long."])
def test_the_violation_and_the_remedy_are_two_sentences(description: str) -> None:
    answer = answer_of(InvalidRequest([FieldViolation("job_id", description)]))
    assert answer.message.startswith(f"job_id: {description.removesuffix('.')}. Mend")
