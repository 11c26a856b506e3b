"""The version of the derivation says what the same facts come to: another answer has another version."""

import json
from pathlib import Path
from typing import Final

from dome_contracts.canonical import digest_bytes
from dome_contracts.schema.knowledge.fact import Fact
from dome_spec.binding import bind
from dome_spec.binding.policy import DERIVATION
from tests.histories import (
    MODES,
    a_failure,
    a_member,
    a_policy,
    a_run,
    a_success,
    a_task,
    a_verdict,
    a_wrapper,
    an_evaluation,
    key,
    outcome,
)

GOLDEN: Final = Path(__file__).with_name("derivation.json")
"""The digest of what a fixed history comes to, by version of the derivation."""
DENIED: Final = outcome("DENIED", "NONE", "GUARD.DENIED")
DONE: Final = outcome("SUCCEEDED", "NONE")
BY_POLICY: Final = outcome("SUCCEEDED", "NONE", "GUARD.DENIED")


def a_fixed_history() -> list[Fact]:
    """Of everything that is derived from, one at least: in each mode, and before and after its attempt's own fact."""
    told: list[Fact] = []
    for run, mode in enumerate((*MODES, "")):
        told += [a_run(run, mode=mode)] if mode else []
        begin = 40 * run
        told += [*a_failure(run, second=begin), *a_success(run, attempt=2, second=begin + 1)]
        told += [
            a_task(run, 1, second=begin + 2),
            a_task(run, 1, 2, second=begin + 3),
            a_task(run, 1, 3, second=begin + 4),
        ]
        # Refused by a guard before it ran, whatever was said of it afterwards.
        told += [
            a_task(run, 2, second=begin + 5, result=DENIED),
            a_wrapper(run, 2, signal="guard_denial", second=begin + 5, result=DENIED),
            a_wrapper(run, 2, signal="gate_failure", second=begin + 6, result=outcome()),
        ]
        # Its own word is a success; a gate found a failure in one, and reasons of policy alone in the other.
        told += [
            a_task(run, 3, second=begin + 7, result=DONE),
            a_wrapper(run, 3, signal="gate_failure", second=begin + 7),
            a_task(run, 4, second=begin + 8, result=DONE),
            a_wrapper(run, 4, signal="gate_failure", second=begin + 8, result=BY_POLICY),
        ]
        told += [*a_failure(run, 5, second=begin + 9), *a_failure(run, 6, second=begin + 10, version=1)]
        told += [
            a_task(run, 7, second=begin + 11, result=outcome("CANCELED", "NONE")),
            a_task(run, 8, second=begin + 12, result=DONE),
            a_task(run, 9, second=begin + 13, result=DONE, ran=False),
            a_task(run, 10, second=begin + 14, result=DONE, sealed=True, task_key=key(1, failure="NONE")),
            a_wrapper(run, 8, signal="task_failed", second=begin + 15, triggered=True),
        ]
        told += [*a_failure(run, 11, second=begin + 16, task_key=key(1, action="validate", failure="NONE"))]
        told += [a_verdict(run, second=begin + 17), a_verdict(run, 3, policies=("GUARD.DENIED",), second=begin + 18)]
        told += [an_evaluation(run, 4, second=begin + 19), a_member(run, 8, name=run)]
    return told


def test_the_derivation_has_another_version_where_the_same_facts_come_to_something_else() -> None:
    history = a_fixed_history()
    found = bind(history, a_policy())
    assert len(found.contributions) > 40
    assert {each.result.name for each in found.contributions} == {"SUCCESS", "FAILURE", "REFUSAL"}
    said = digest_bytes(repr(found).encode())
    known = json.loads(GOLDEN.read_text())
    assert known.get(str(DERIVATION)) == said, (
        "what the same facts come to has changed: raise DERIVATION, add its digest"
    )
    assert digest_bytes(repr(bind(history[::-1], a_policy())).encode()) == said
