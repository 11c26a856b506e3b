"""What a request may say, whatever the tool: the rules of its fields. Pure; knows no catalog and no job."""

import os
import re
from collections.abc import Callable, Iterator, Sized
from datetime import timedelta
from typing import Final

from dome_contracts import ids
from dome_contracts.runtime.v1 import Correlation, ExecuteConstraints, LockWait, SkillExecuteRequest
from domed.errors import FieldViolation, InvalidRequest
from domed.telemetry import is_traceparent, is_tracestate

MEDIA_TYPE: Final = "application/json"
KEY_LENGTH_MAX: Final = 255
PRIORITY_MAX: Final = 100
LABELS_MAX: Final = 32
FEATURES_MAX: Final = 32
"""That a request counts on."""
LABEL_LENGTH_MAX: Final = 128
NAME_LENGTH_MAX: Final = 256
ENVIRONMENT_MAX: Final = 64
VALUE_LENGTH_MAX: Final = 65_536
REASON_LENGTH_MAX: Final = 1000
DURATION_MAX: Final = timedelta(days=36_500)
"""A century: beyond it arithmetic with times fails."""
NUMBER_MAX: Final = 2**53 - 1
"""What a number can be in the JSON that a request's digest is made of."""

_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_KEY: Final = re.compile(r"[\x20-\x7e]+")


def check_execute(request: SkillExecuteRequest) -> None:
    """Everything that is wrong with the fields, at once. Raises InvalidRequest."""
    _refuse(
        [
            *(_retry(request) if request.retry_of_job_id else _tool(request)),
            *_pin(request),
            *_options(request),
            *_entries(request),
            *_constraints(request),
            *_correlation(request.correlation or Correlation()),
        ]
    )


def check_job_id(job_id: str) -> None:
    """Raises InvalidRequest where the request names no job."""
    if not job_id:
        _refuse([FieldViolation("job_id", "is required")])


def check_digest(digest: str) -> None:
    """Raises InvalidRequest where the request names no artifact."""
    if _DIGEST.fullmatch(digest) is None:
        _refuse([FieldViolation("digest", "must be sha256: and 64 hexadecimal digits in lower case")])


def check_label_count(labels: Sized) -> None:
    """Raises InvalidRequest where there are more labels than a job can have."""
    _refuse([*_too_many_labels(labels)])


def check_cancel_reason(reason: str) -> None:
    """Raises InvalidRequest."""
    if len(reason) > REASON_LENGTH_MAX:
        _refuse([FieldViolation("reason", f"has more than {REASON_LENGTH_MAX} characters")])


def _refuse(violations: list[FieldViolation]) -> None:
    if violations:
        raise InvalidRequest(violations)


def _tool(request: SkillExecuteRequest) -> Iterator[FieldViolation]:
    if not request.skill_id:
        yield FieldViolation("skill_id", "is required")
    if len(request.skill_id) > NAME_LENGTH_MAX:
        yield FieldViolation("skill_id", f"has more than {NAME_LENGTH_MAX} characters")


def _retry(request: SkillExecuteRequest) -> Iterator[FieldViolation]:
    for name in ("skill_id", "input", "input_media_type", "working_directory", "environment"):
        if getattr(request, name):
            yield FieldViolation(name, "is that of the job that is retried: leave it out")


def _pin(request: SkillExecuteRequest) -> Iterator[FieldViolation]:
    if request.tool_version is not None and not request.tool_version:
        yield FieldViolation("tool_version", "is set and empty")
    if request.tool_digest is not None and not request.tool_digest:
        yield FieldViolation("tool_digest", "is set and empty")


def _options(request: SkillExecuteRequest) -> Iterator[FieldViolation]:
    if request.input_media_type not in {"", MEDIA_TYPE}:
        yield FieldViolation("input_media_type", f"must be {MEDIA_TYPE}")
    key = request.idempotency_key
    if key and (len(key) > KEY_LENGTH_MAX or not _KEY.fullmatch(key)):
        yield FieldViolation("idempotency_key", f"must be 1 to {KEY_LENGTH_MAX} printable ASCII characters")
    if abs(request.priority) > PRIORITY_MAX:
        yield FieldViolation("priority", f"must be from {-PRIORITY_MAX} to {PRIORITY_MAX}")
    if request.lock_wait not in list(LockWait):
        yield FieldViolation("lock_wait", "is none of the values of the contract")
    if len(request.required_features) > FEATURES_MAX:
        yield FieldViolation("required_features", f"are more than {FEATURES_MAX}")
    if any(len(name) > NAME_LENGTH_MAX for name in request.required_features):
        yield FieldViolation("required_features", f"one has more than {NAME_LENGTH_MAX} characters")


def _entries(request: SkillExecuteRequest) -> Iterator[FieldViolation]:
    yield from _too_many_labels(request.labels)
    for name, value in request.labels.items():
        if not name or len(name) > LABEL_LENGTH_MAX or len(value) > LABEL_LENGTH_MAX or "\0" in name + value:
            problem = f"name and value must have at most {LABEL_LENGTH_MAX} characters, the name at least 1, and no NUL"
            yield FieldViolation(f"labels/{name[:80]}", problem)
    if len(request.environment) > ENVIRONMENT_MAX:
        yield FieldViolation("environment", f"has more than {ENVIRONMENT_MAX} variables")
    for name, value in request.environment.items():
        if "\0" in value or len(value) > VALUE_LENGTH_MAX:
            problem = f"must have at most {VALUE_LENGTH_MAX} characters and no NUL"
            yield FieldViolation(f"environment/{name[:80]}", problem)


def _constraints(request: SkillExecuteRequest) -> Iterator[FieldViolation]:
    constraints = request.constraints or ExecuteConstraints()
    for name, value in (("deadline", constraints.deadline), ("grace", constraints.grace)):
        if value is not None and not timedelta() <= value <= DURATION_MAX:
            yield FieldViolation(f"constraints.{name}", "must be between zero and a century")
    if constraints.output_bytes_max > NUMBER_MAX:
        yield FieldViolation("constraints.output_bytes_max", f"must be at most {NUMBER_MAX}")


def _correlation(correlation: Correlation) -> Iterator[FieldViolation]:
    texts = {
        "task_id": correlation.task_id,
        "group_id": correlation.group_id,
        "work_package_id": correlation.work_package_id,
        "client_session_id": correlation.client_session_id,
        "client_call_id": correlation.client_call_id,
    }
    if correlation.effector is not None:
        texts |= {"effector.id": correlation.effector.id, "effector.profile": correlation.effector.profile}
    for name, value in texts.items():
        if len(value) > NAME_LENGTH_MAX or "\0" in value:
            yield FieldViolation(f"correlation.{name}", f"must have at most {NAME_LENGTH_MAX} characters and no NUL")
    yield from _id("correlation.run_id", correlation.run_id, ids.parse_run_id)
    yield from _id("correlation.parent_job_id", correlation.parent_job_id, ids.parse_job_id)
    if correlation.traceparent and not is_traceparent(correlation.traceparent):
        yield FieldViolation("correlation.traceparent", "is no W3C trace context")
    if not is_tracestate(correlation.tracestate):
        yield FieldViolation("correlation.tracestate", "must be at most 512 printable ASCII characters")


def _id(field: str, text: str, parse: Callable[[str], str]) -> Iterator[FieldViolation]:
    if text:
        try:
            parse(text)
        except ids.InvalidId as error:
            yield FieldViolation(field, str(error))


def _too_many_labels(labels: Sized) -> Iterator[FieldViolation]:
    if len(labels) > LABELS_MAX:
        yield FieldViolation("labels", f"are more than {LABELS_MAX}")


def check_absolute(working_directory: str) -> None:
    """Raises InvalidRequest for a path that cannot be one."""
    if "\0" in working_directory or len(os.fsencode(working_directory)) > 4096:
        _refuse([FieldViolation("working_directory", "must have at most 4096 bytes and no NUL")])
