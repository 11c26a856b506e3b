"""Which gRPC status and details an error has: a pure function of the error and the catalogue of reasons.

Raises nothing and logs nothing; `edge` does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import betterproto2
from grpclib.const import Status

from dome_contracts.google.rpc import BadRequest, BadRequestFieldViolation, ErrorInfo, RetryInfo
from dome_contracts.rpc_errors import DOMAIN, RPC_ERRORS
from domed.errors import DomedError, InvalidRequest

MESSAGE_LENGTH_MAX: Final = 800
VALUE_LENGTH_MAX: Final = 256
DESCRIPTION_LENGTH_MAX: Final = 200
DETAILS_BYTES_MAX: Final = 3072
"""Details and message travel as one header list, and widespread clients refuse one above 8 KiB."""

RETRY_AFTER: Final = timedelta(seconds=1)
_RETRY_STATUS: Final = frozenset({Status.UNAVAILABLE, Status.RESOURCE_EXHAUSTED})


class PlainRefusal(Exception):
    """A refusal in the words of gRPC itself, for protocols that have no reasons of ours, such as health checks."""

    def __init__(self, status: Status, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True, slots=True)
class Answer:
    """How a failed call is answered."""

    status: Status
    message: str
    details: tuple[betterproto2.Message, ...] = ()


def answer_of(error: DomedError | PlainRefusal) -> Answer:
    """The status, a sentence that ends with the remedy, and details of which each type appears once."""
    if isinstance(error, PlainRefusal):
        return Answer(error.status, _cut(error.message, MESSAGE_LENGTH_MAX))
    known = RPC_ERRORS[str(error.reason.name)]
    status = Status(known.grpc_status)
    details: list[betterproto2.Message] = [
        ErrorInfo(reason=known.reason, domain=DOMAIN, metadata=_short(error.metadata)),
    ]
    if isinstance(error, InvalidRequest):
        details.append(_bad_request(error, DETAILS_BYTES_MAX - len(bytes(details[0]))))
    if known.retryable and status in _RETRY_STATUS:
        details.append(RetryInfo(retry_delay=RETRY_AFTER))
    return Answer(status, _cut(f"{_cut(error.message, MESSAGE_LENGTH_MAX)} {known.remedy}", 1000), tuple(details))


def _bad_request(error: InvalidRequest, bytes_max: int) -> BadRequest:
    """As many violations as fit, at least one."""
    kept: list[BadRequestFieldViolation] = []
    size = 0
    for violation in error.violations:
        made = BadRequestFieldViolation(
            field=_cut(violation.field, VALUE_LENGTH_MAX),
            description=_cut(violation.description, DESCRIPTION_LENGTH_MAX),
        )
        size += len(bytes(made))
        if kept and size > bytes_max:
            break
        kept.append(made)
    return BadRequest(field_violations=kept)


def _short(metadata: Mapping[str, str]) -> dict[str, str]:
    return {key: _cut(value, VALUE_LENGTH_MAX) for key, value in metadata.items()}


def _cut(text: str, length_max: int) -> str:
    return text if len(text) <= length_max else text[: length_max - 1] + "…"
