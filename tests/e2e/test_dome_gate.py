"""`dome gate` and `dome promote` on runs that a daemon carried out: decisions, what is kept of them, and a person."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from dome_contracts.canonical import digest
from dome_contracts.schema.knowledge.fact import EvidenceGroupFact, Fact, GateFact, GuardEvaluationFact, TransitionFact
from dome_spec.dispatch import RunRecord, control_events
from dome_spec.gates import default_guardrails, task_states
from tests.e2e.dome_home import Home
from tests.e2e.plan_home import a_repository, entries, infra_of, memory_of, shown, witness, work, write
from tests.planned import Planned, Wish

RUN = "run-1"
GATED: dict[str, Any] = {"gates": ["unit-tests"]}


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with a_repository() as made:
        commit(made, "first")
        yield made


def commit(home: Home, message: str) -> str:
    name = ["-c", "user.name=ada", "-c", "user.email=ada@example.org"]
    subprocess.run(["git", *name, "commit", "-q", "--allow-empty", "-m", message], cwd=home.work, check=True)
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=home.work, check=True, capture_output=True, text=True)
    return head.stdout.strip()


def carried_out(home: Home, run_id: str, wishes: Mapping[str, Wish], *options: str, code: int = 0) -> Planned:
    """A run of these tasks that is over."""
    given, path = write(home, wishes)
    done = home.dome("plan", "run", str(path), "--run-id", run_id, "--json", *options)
    assert done.code == code, done.err
    return given


def facts(home: Home, run_id: str) -> list[Fact]:
    with memory_of(home) as memory:
        found: list[Fact] = []
        while page := memory.facts(after=found[-1].fact_id if found else "", limit=200):
            found += page
        assert memory.verify().holds
    return [fact for fact in found if run_id in json.dumps(fact.to_value())]


def events_of(home: Home, run_id: str) -> list[str]:
    record = RunRecord.find(infra_of(home).runs_dir, run_id)
    return [event.topic.value for event in control_events(record)]


def states_of(home: Home, run_id: str, given: Planned) -> dict[str, str]:
    record = RunRecord.find(infra_of(home).runs_dir, run_id)
    states = task_states(record.plan().tasks, control_events(record))
    return {given.names[task_id]: state.value for task_id, state in states.items()}


def test_a_gate_decides_once_and_what_it_decided_is_a_fact(home: Home) -> None:
    given = carried_out(home, "run-once", {"a": work(home, "a", spec=GATED), "b": work(home, "b", depends_on=("a",))})
    done = home.dome("gate", "eval", "run-once", "--json")
    assert done.code == 0, done.err
    (decision,) = done.documents()
    assert (decision["verdict"], decision["gate_id"], decision["known"]) == ("APPROVE", "unit-tests", False)
    kept = facts(home, "run-once")
    decided = [fact.body.decision for fact in kept if isinstance(fact.body, GateFact)]
    assert [digest(each.to_value()) for each in decided] == [decision["decision_digest"]]
    evaluated = [fact.body.evaluation for fact in kept if isinstance(fact.body, GuardEvaluationFact)]
    gated = [each for each in evaluated if each.transition.to == "gated"]
    assert {digest(each.to_value()) for each in gated} == set(decision["guard_evaluations"])
    # Both tasks were asked about before they began, and only one has a gate.
    moved = [fact.body.record.transition.to for fact in kept if isinstance(fact.body, TransitionFact)]
    assert sorted(moved) == ["gated", "running", "running"]
    told = events_of(home, "run-once")
    again = home.dome("gate", "eval", "run-once", "--json")
    assert again.documents() == [decision | {"known": True}]
    assert facts(home, "run-once") == kept
    assert events_of(home, "run-once") == told
    assert told[-2:] == ["gate.asked", "gate.decided"]
    assert states_of(home, "run-once", given) == {"a": "gated", "b": "running"}


def test_a_guard_denies_the_beginning_and_only_the_policy_reason_is_set(home: Home) -> None:
    bundle = default_guardrails().bundle.to_value()
    guard = bundle["guards"]["attempts.within"] | {"predicate": {"kind": "effector_among", "effector_kinds": ["human"]}}
    overlay = home.root / "overlay.json"
    overlay.write_text(json.dumps(bundle | {"bundle_id": "people-only", "guards": {"only.people": guard}}))
    wishes = {"a": work(home, "denied", addresses="TESTS.FAILED"), "b": work(home, "denied", depends_on=("a",))}
    before = witness(home)
    given = carried_out(home, "run-denied", wishes, "--overlay", str(overlay), code=67)
    assert witness(home) == before
    found = entries(shown(home, "run-denied"), given)
    assert (found["a"]["block_reason"], found["b"]["block_reason"]) == ("guard_denied", "dependency_failed")
    outcome = found["a"]["attempts"][0]["outcome"]
    assert outcome == {
        "status": "DENIED", "failure_reason_code": "NONE", "policy_reason_code": "BUDGET.EXHAUSTED",
    }  # fmt: skip
    (wrapper,) = (fact.body.wrapper for fact in facts(home, "run-denied") if isinstance(fact.body, EvidenceGroupFact))
    assert (wrapper.signal, wrapper.outcome.failure_reason_code) == ("guard_denial", "NONE")
    assert states_of(home, "run-denied", given) == {"a": "blocked", "b": "blocked"}
    explained = home.dome("gate", "explain", "run-denied", "--json").documents()
    (asked,) = (each for each in explained if each.get("evaluation", {}).get("guard_id") == "only.people")
    assert (asked["evaluation"]["status"], asked["evaluation"]["failure_reason_code"]) == ("FAIL", "NONE")
    assert asked["feedback"]["next_step"] == "escalate"
    loosened = home.dome("plan", "run", str(home.root / "plan.json"), "--run-id", "run-denied")
    assert loosened.code == 67


def test_what_gates_left_to_a_person_is_promoted_by_one_who_saw_it(home: Home) -> None:
    criteria = [{"criterion_id": "AC01", "statement": "It reads well."}]
    wishes = {"a": work(home, "a", spec=GATED), "b": work(home, "b", spec=GATED | {"acceptance_criteria": criteria})}
    given = carried_out(home, "run-promoted", wishes)
    head = commit(home, "what was made")
    words = ["promote", "run-promoted", "--commit", "HEAD", "--to", "main"]
    early = home.dome(*words)
    assert early.code == 67
    assert "No gate has decided" in early.err
    assert home.dome("gate", "eval", "run-promoted").code == 67
    waits = home.dome(*words, "--json")
    assert waits.code == 67, waits.err
    (document,) = waits.documents()
    assert document["verdict"] == "NEEDS_HUMAN"
    assert document["subject"] == {"commit_sha": head, "destination": "refs/heads/main"}
    assert set(document["task_states"].values()) == {"gated"}
    other = home.dome(*words, "--confirm", "sha256:" + "0" * 64)
    assert other.code == 67
    assert "not what the gates say now" in other.err
    done = home.dome(*words, "--confirm", document["shown_digest"], "--statement", "Read and tried.", "--json")
    assert done.code == 0, done.err
    (promoted,) = done.documents()
    person = promoted["human_confirmation"]
    assert (promoted["verdict"], person["answer"], person["effector"]["kind"]) == ("APPROVE", "CONFIRMED", "human")
    assert (person["statement"], person["shown_digest"]) == ("Read and tried.", document["shown_digest"])
    assert states_of(home, "run-promoted", given) == {"a": "done", "b": "done"}
    assert events_of(home, "run-promoted")[-1] == "promotion.decided"
