"""What a check shows where the packet asks it for evidence, though no criterion speaks of it."""

from typing import Any

import pytest

from dome_contracts.canonical import digest
from dome_contracts.schema.control.task_result import TaskResult
from dome_contracts.schema.knowledge.evidence_capsule import EvidenceMember
from dome_contracts.schema.shared.definitions import FallbackMode, Lineage
from dome_spec.dispatch import Opening
from dome_spec.dispatch.wrap import Attempted, wrap
from dome_spec.planning import default_strategies
from tests.planned import NO_DIGEST, REPOSITORY_ID, RUN_ID, Wish, planned

WHEN = "2024-05-17T09:30:00Z"
ASKED = {"required_evidence": [{"kind": "test_report", "check": "unit_tests"}], "gates": ["unit-tests"]}
REPORT = {"digest": digest("report"), "location": "evidence/1"}


def checks(cause: str, failure: str, **spec: Any) -> list[dict[str, Any]]:
    """What the sealed evidence of an attempt says of its checks."""
    given = planned({"a": Wish(skill_id="repo.test", spec={**ASKED, **spec})})
    status = "SUCCEEDED" if failure == "NONE" else "FAILED"
    job = {
        "job_id": "job-01hy2y66b0shfbrs31a249v0n0", "skill_id": "repo.test", "tool_version": "1.0.0",
        "tool_digest": NO_DIGEST, "last_seq": 3, "cause": cause,
    }  # fmt: skip
    result = {
        "schema_version": "1", "run_id": RUN_ID, "task_id": given.ids["a"], "group_id": digest("group"), "attempt": 1,
        "outcome": {"status": status, "failure_reason_code": failure, "policy_reason_code": "NONE"}, "job": job,
        "artifacts": [], "evidence": [REPORT], "create_time": WHEN, "end_time": WHEN,
    }  # fmt: skip
    opening = Opening(
        working_directory="/work",
        fallback_mode=FallbackMode.STRICT,
        binder_policy=NO_DIGEST,
        environment_class="linux",
        strategies=default_strategies(),
    )
    attempted = Attempted(
        repository_id=REPOSITORY_ID,
        opening=opening,
        task=given.plan.tasks[given.ids["a"]],
        result=TaskResult.from_value(result),
        members=[EvidenceMember.from_value({"kind": "test_report", "evidence": REPORT, "size_bytes": 1})],
        lineage=Lineage(event_id="evt-01hy2y66b0shfbrs31a249v0n0-1", sequence=1, run_id=RUN_ID),
        store_id="store-01hy2y66b0shfbrs31a249v0n0",
    )
    return [each.to_value() for each in wrap(attempted).capsule.checks]


@pytest.mark.parametrize(("failure", "status"), [("NONE", "PASS"), ("TESTS.FAILED", "FAIL")])
def test_a_check_that_came_to_its_own_end_has_found_something(failure: str, status: str) -> None:
    assert checks("EXITED", failure) == [{"check": "unit-tests", "status": status, "evidence": REPORT["digest"]}]


def test_a_check_that_was_ended_has_found_nothing() -> None:
    assert checks("TIMEOUT", "TIME.RUN_TIMEOUT") == []


def test_a_task_that_names_no_check_shows_none() -> None:
    assert checks("EXITED", "NONE", required_evidence=[{"kind": "test_report"}]) == []
