"""Facts of attempts for the rows about memory, as they come in: one JSON document each. Made by counting.

An attempt is a task fact and its wrapper; a gate's decision and a refusal come with some of them. Ten attempts in a row
are one run; a hundredth as many TaskSpec keys as attempts, so that a capsule sums up a hundred of them.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from dome_contracts.canonical import digest, digest_bytes
from dome_contracts.schema.knowledge.fact import Fact

BEGAN: Final = datetime(2024, 5, 17, 9, 30, tzinfo=UTC)
ATTEMPTS_OF_A_KEY: Final = 100
_REPOSITORY: Final = "repo-01htvy9ae00wea48kqahr5gdxa"
_FAILED: Final = {"status": "FAILED", "failure_reason_code": "TESTS.FAILED", "policy_reason_code": "NONE"}
_SUCCEEDED: Final = {"status": "SUCCEEDED", "failure_reason_code": "NONE", "policy_reason_code": "NONE"}
_DENIED: Final = {"status": "DENIED", "failure_reason_code": "TESTS.FAILED", "policy_reason_code": "GUARD.DENIED"}
_FINGERPRINT: Final = {
    "gates": ["lint", "unit-tests"],
    "versions": {
        "tools": {"repo.test": "1.4.0"},
        "schemas": {"planning/task_spec": digest_bytes(b"task_spec")},
        "environment_class": "linux-x86_64-python3.11",
    },
}


def attempts(first: int, last: int, *, keys: int) -> Iterator[bytes]:
    """The facts of the attempts from one number to another: two each, their task and their wrapper."""
    for task, wrapper in zip(tasks(first, last, keys=keys), wrappers(first, last, keys=keys), strict=True):
        yield task
        yield wrapper


def tasks(first: int, last: int, *, keys: int) -> Iterator[bytes]:
    """How these attempts ended: a fact each."""
    for number in range(first, last):
        yield _Said(number, keys).task()


def wrappers(first: int, last: int, *, keys: int) -> Iterator[bytes]:
    """The wrappers of these attempts: a fact each."""
    for number in range(first, last):
        yield _Said(number, keys).wrapper()


def decisions(first: int, last: int, *, keys: int) -> Iterator[bytes]:
    """What a gate decided on these attempts: a fact each."""
    for number in range(first, last):
        yield _Said(number, keys).verdict()


def facts(documents: Iterator[bytes]) -> Iterator[Fact]:
    """The documents as facts."""
    return map(Fact.from_json, documents)


class _Said:
    """What is said of one attempt."""

    def __init__(self, number: int, keys: int) -> None:
        self._at = (BEGAN + timedelta(seconds=number)).isoformat().replace("+00:00", "Z")
        self._outcome = (_FAILED, _SUCCEEDED, _SUCCEEDED, _FAILED, _SUCCEEDED, _DENIED)[number % 6]
        self._job = f"job-{number:026d}"
        # Not in the order of the numbers: the attempts at one key lie apart.
        target = number * 7_919 % keys
        self._task = {
            "scope": "repo",
            "target": {"kind": "test", "id": f"tests/test_{target}.py"},
            "action": {"kind": "fix"},
            "failure_reason_code": "TESTS.FAILED",
        }
        self._who = {
            "run_id": f"run-{number // 10}",
            "task_id": digest_bytes(b"task %d" % number),
            "group_id": digest_bytes(b"group %d" % number),
        }

    def task(self) -> bytes:
        body = {
            "kind": "task", **self._who, "attempt": 1, "task": self._task,
            "template_digest": digest_bytes(self._task["target"]["id"].encode()),  # type: ignore[index]
            "outcome": self._outcome, "fingerprint": _FINGERPRINT, "job_id": self._job, "skill_id": "repo.test",
            "tool_version": "1.4.0", "end_time": self._at,
        }  # fmt: skip
        return self._fact(body)

    def wrapper(self) -> bytes:
        signals = {"FAILED": "task_failed", "SUCCEEDED": "task_succeeded", "DENIED": "guard_denial"}
        evidence = digest_bytes(self._job.encode())
        wrapper = {
            "schema_version": "1", **self._who, "signal": signals[self._outcome["status"]],
            "wrapper_policy": "hybrid", "task": self._task, "outcome": self._outcome,
            "evidence": [{"digest": evidence, "location": f"evidence/{evidence[7:9]}/{evidence[7:]}"}],
            "lineage": {"event_id": f"evt-{self._job[4:]}-42", "sequence": 42, "run_id": self._who["run_id"]},
            "wrap_time": self._at,
        }  # fmt: skip
        return self._fact({"kind": "evidence_group", "wrapper": wrapper})

    def verdict(self) -> bytes:
        is_approved = self._outcome is _SUCCEEDED
        decision = {
            "schema_version": "1", "gate_id": "unit-tests", **self._who,
            "verdict": "APPROVE" if is_approved else "REJECT",
            "inputs": {
                "task_spec": self._who["task_id"], "guardrails": digest_bytes(b"guardrails"),
                "invariants": digest_bytes(b"invariants"), "evidence": [],
            },
            "policy_digest": digest_bytes(b"policy"), "guard_evaluations": [],
            "failure_reason_codes": [] if is_approved else ["TESTS.FAILED"], "policy_reason_codes": [],
        }  # fmt: skip
        return self._fact({"kind": "gate", "decision": decision})

    def _fact(self, body: dict[str, Any]) -> bytes:
        source = {"origin": "document", "family": "knowledge/fact", "digest": digest_bytes(repr(body).encode())}
        return json.dumps(
            {
                "schema_version": "1", "fact_id": digest({"source": source, "kind": body["kind"]}),
                "repository_id": _REPOSITORY, "occur_time": self._at, "source": source, "body": body,
            }
        ).encode()  # fmt: skip
