"""What a retry is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dome_contracts.canonical import NotCanonical, digest_bytes
from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import Correlation, Effector, ExecuteConstraints, LockWait, SkillExecuteRequest
from domed.jobs.idempotency import New, Reused, Same, decide, request_digest
from domed.jobs.model import KeyBinding
from packages.domed.tests.values import NOON

REQUEST = SkillExecuteRequest(
    skill_id="process.run",
    constraints=ExecuteConstraints(output_bytes_max=1000),
    environment={"A": "1", "B": "2"},
    correlation=Correlation(run_id="run-a", task_id="task", group_id="group"),
)
BINDING = KeyBinding(JobId("job-01kdvdna0004hmasw9nf6yy093"), digest_bytes(b"first"), NOON)


def digest(request: SkillExecuteRequest, *, payload: bytes = b"{}", working_directory: str = "/w") -> str:
    return request_digest(request, input_hash=digest_bytes(payload), working_directory=working_directory)


@pytest.mark.parametrize(
    "other",
    [
        replace(REQUEST, idempotency_key="key"),
        replace(REQUEST, labels={"a": "b"}),
        replace(REQUEST, priority=3, lock_wait=LockWait.REFUSE),
        replace(REQUEST, environment={"B": "2", "A": "1"}),
        replace(REQUEST, constraints=ExecuteConstraints(output_bytes_max=1000, deadline=timedelta(seconds=3))),
        replace(REQUEST, constraints=ExecuteConstraints(output_bytes_max=1000, grace=timedelta(seconds=3))),
        replace(
            REQUEST,
            correlation=Correlation(
                run_id="run-a",
                task_id="task",
                group_id="group",
                traceparent="00-1",
                client_call_id="call",
                effector=Effector(id="somebody"),
            ),
        ),
    ],
    ids=["key", "labels", "queueing", "order of the environment", "deadline", "grace", "trace and client ids"],
)
def test_a_retry_may_differ_in_what_does_not_change_the_work(other: SkillExecuteRequest) -> None:
    assert digest(other) == digest(REQUEST)


@pytest.mark.parametrize(
    "other",
    [
        replace(REQUEST, skill_id="repo.search"),
        replace(REQUEST, tool_version="1"),
        replace(REQUEST, tool_digest="1"),
        replace(REQUEST, constraints=None),
        replace(REQUEST, environment={"A": "1"}),
        replace(REQUEST, correlation=Correlation(run_id="run-b", task_id="task", group_id="group")),
        replace(REQUEST, correlation=Correlation(run_id="run-a", group_id="group")),
        replace(REQUEST, correlation=Correlation(run_id="run-a", task_id="task")),
    ],
    ids=["skill", "version", "digest", "output limit", "environment", "run", "task", "group"],
)
def test_another_request_has_another_digest(other: SkillExecuteRequest) -> None:
    assert digest(other) != digest(REQUEST)


def test_input_and_working_directory_belong_to_the_request() -> None:
    assert len({digest(REQUEST), digest(REQUEST, payload=b"{ }"), digest(REQUEST, working_directory="/v")}) == 3


def test_a_pin_by_version_is_no_pin_by_digest() -> None:
    assert digest(replace(REQUEST, tool_version="x")) != digest(replace(REQUEST, tool_digest="x"))


def test_an_output_limit_outside_json_is_refused_by_name() -> None:
    with pytest.raises(NotCanonical):
        digest(replace(REQUEST, constraints=ExecuteConstraints(output_bytes_max=2**60)))


def test_an_unknown_key_makes_a_job() -> None:
    assert decide(None, "any") == New()


def test_a_known_key_with_the_same_request_is_a_retry() -> None:
    assert decide(BINDING, BINDING.request_digest) == Same(BINDING)


def test_a_known_key_with_another_request_is_refused() -> None:
    assert decide(BINDING, digest_bytes(b"second")) == Reused(BINDING)
