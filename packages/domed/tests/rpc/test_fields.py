"""The rules of a request's fields."""

from datetime import timedelta
from typing import Any

import pytest

from dome_contracts.runtime.v1 import (
    Correlation,
    Effector,
    ExecuteConstraints,
    LockWait,
    SkillExecuteRequest,
)
from domed.errors import InvalidRequest
from domed.rpc import fields

LEGAL: list[dict[str, Any]] = [
    {},
    {"idempotency_key": "~" * 255, "priority": -100, "lock_wait": LockWait.REFUSE},
    {"labels": {f"label{n}": "x" * 128 for n in range(32)}},
    {"environment": {"A": "ü\n"}, "input_media_type": "application/json"},
    {"constraints": ExecuteConstraints(deadline=timedelta(days=1), grace=timedelta(), output_bytes_max=1)},
    {"correlation": Correlation(run_id="run-nightly.7", parent_job_id="job-01m7vt2890pq6bwrh695awehtf")},
    {"correlation": Correlation(traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")},
]
ILLEGAL: list[tuple[dict[str, Any], str]] = [
    ({"skill_id": ""}, "skill_id"),
    ({"skill_id": "x" * 257}, "skill_id"),
    ({"tool_version": ""}, "tool_version"),
    ({"tool_digest": ""}, "tool_digest"),
    ({"input_media_type": "text/yaml"}, "input_media_type"),
    ({"idempotency_key": "x" * 256}, "idempotency_key"),
    ({"idempotency_key": "a\nb"}, "idempotency_key"),
    ({"priority": -101}, "priority"),
    ({"lock_wait": LockWait(7)}, "lock_wait"),
    ({"labels": {str(n): "" for n in range(33)}}, "labels"),
    ({"labels": {"a": "x" * 129}}, "labels/a"),
    ({"labels": {"a": "x\0"}}, "labels/a"),
    ({"labels": {"": "x"}}, "labels/"),
    ({"environment": {str(n): "" for n in range(65)}}, "environment"),
    ({"environment": {"A": "x\0"}}, "environment/A"),
    ({"constraints": ExecuteConstraints(deadline=timedelta(seconds=-1))}, "constraints.deadline"),
    ({"constraints": ExecuteConstraints(grace=timedelta(days=99_999))}, "constraints.grace"),
    ({"constraints": ExecuteConstraints(output_bytes_max=2**53)}, "constraints.output_bytes_max"),
    ({"correlation": Correlation(run_id="x")}, "correlation.run_id"),
    ({"correlation": Correlation(parent_job_id="job-x")}, "correlation.parent_job_id"),
    ({"correlation": Correlation(task_id="x" * 257)}, "correlation.task_id"),
    ({"correlation": Correlation(effector=Effector(id="x\0"))}, "correlation.effector.id"),
    ({"correlation": Correlation(traceparent="00-" + "0" * 32 + "-00f067aa0ba902b7-01")}, "correlation.traceparent"),
    ({"correlation": Correlation(traceparent="ff-" + "1" * 32 + "-00f067aa0ba902b7-01")}, "correlation.traceparent"),
]


@pytest.mark.parametrize("said", LEGAL)
def test_what_the_contract_allows_is_legal(said: dict[str, Any]) -> None:
    fields.check_execute(SkillExecuteRequest(**{"skill_id": "a.b", **said}))


@pytest.mark.parametrize(("said", "field"), ILLEGAL)
def test_what_it_forbids_is_refused_by_name(said: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        fields.check_execute(SkillExecuteRequest(**{"skill_id": "a.b", **said}))
    assert [violation.field for violation in caught.value.violations] == [field]


def test_a_reason_to_cancel_is_a_thousand_characters_at_most() -> None:
    fields.check_cancel_reason("x" * 1000)
    with pytest.raises(InvalidRequest, match="reason"):
        fields.check_cancel_reason("x" * 1001)
