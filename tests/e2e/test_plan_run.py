"""Plans carried out by `dome plan run` through a daemon of its own: what runs, what does not, and what is kept."""

import json
from collections.abc import Iterator

import pytest

from dome_contracts.schema.knowledge.fact import EvidenceGroupFact, TaskFact
from dome_spec.binding import EvidenceStore
from tests.e2e.dome_home import DOME, Home
from tests.e2e.plan_home import a_repository, entries, infra_of, memory_of, shown, witness, work, write
from tests.planned import Wish


@pytest.fixture
def home() -> Iterator[Home]:
    with a_repository() as made:
        yield made


def test_a_plan_is_carried_out_in_its_order_and_everything_of_it_is_kept(home: Home) -> None:
    wishes = {"a": work(home, "a"), "b": work(home, "b", depends_on=("a",)), "c": work(home, "c", depends_on=("b",))}
    given, path = write(home, wishes)
    done = home.dome("plan", "run", str(path), "--run-id", "run-1", "--json")
    assert done.code == 0, done.err
    *changes, last = done.documents()
    assert witness(home) == ["a", "b", "c"]
    assert (last["state"], last["succeeded"], last["end"], last["exit_code"]) == ("FINISHED", True, "over", 0)
    assert {entry["status"] for entry in entries(last, given).values()} == {"DONE"}
    assert {change["kind"] for change in changes} == {"task"}
    kept = infra_of(home).runs_dir / "run-1"
    assert len(list((kept / "spawn_specs").iterdir())) == len(list((kept / "task_results").iterdir())) == 3
    again = home.dome("plan", "run", str(path), "--run-id", "run-1")
    assert (again.code, witness(home)) == (0, ["a", "b", "c"])


def test_what_depends_on_a_failed_task_does_not_start(home: Home) -> None:
    wishes = {"a": work(home, "a", "exit 3"), "b": work(home, "b", depends_on=("a",)), "c": work(home, "c")}
    given, path = write(home, wishes)
    done = home.dome("plan", "run", str(path), "--run-id", "run-1")
    assert done.code == 1
    assert sorted(witness(home)) == ["a", "c"]
    found = entries(shown(home), given)
    assert found["b"]["block_reason"] == "dependency_failed"
    assert found["a"]["attempts"][0]["outcome"]["failure_reason_code"] == "PROCESS.EXIT_NONZERO"
    assert "blocked  validate a (process.run" in done.err
    assert "PROCESS.EXIT_NONZERO" in done.err


def test_what_happened_is_remembered_once_and_refusals_set_the_policy_reason_alone(home: Home) -> None:
    wishes = {"a": work(home, "a"), "b": work(home, "b", "exit 3"), "c": Wish(skill_id="no.such")}
    given, path = write(home, wishes)
    words = ["--run-id", "run-1", "--fallback-mode", "lenient", "--json"]  # so that everything is wrapped
    done = home.dome("plan", "run", str(path), *words)
    assert done.code == 1, done.err
    infra = infra_of(home)
    with memory_of(home) as memory:
        facts = memory.facts(limit=200)
        bodies = {given.names[fact.body.task_id]: fact.body for fact in facts if isinstance(fact.body, TaskFact)}
        wrappers = [fact.body.wrapper for fact in facts if isinstance(fact.body, EvidenceGroupFact)]
        digest = memory.snapshot_digest()
        assert memory.verify().holds
    assert {name: body.outcome.status for name, body in bodies.items()} == {
        "a": "SUCCEEDED", "b": "FAILED", "c": "DENIED",
    }  # fmt: skip
    assert (bodies["c"].outcome.failure_reason_code, bodies["c"].outcome.policy_reason_code) == (
        "NONE",
        "GUARD.UNKNOWN",
    )
    assert {wrapper.signal for wrapper in wrappers} == {"task_succeeded", "task_failed", "guard_denial"}
    store = EvidenceStore(infra.evidence_dir)
    for wrapper in wrappers:
        for evidence in wrapper.evidence:
            store.check(evidence.digest)
    again = home.dome("plan", "run", str(path), "--run-id", "run-1")
    assert again.code == 1
    with memory_of(home) as memory:
        assert memory.snapshot_digest() == digest
    # Another memory learns the same from the daemon and the records.
    infra.memory_path.rename(infra.memory_path.with_suffix(".put-aside"))
    resumed = home.dome("plan", "resume", "run-1")
    assert resumed.code == 1, resumed.err
    with memory_of(home) as memory:
        assert memory.snapshot_digest() == digest


def test_a_plan_that_a_job_carries_out_has_its_tasks_done_where_that_job_sits(home: Home) -> None:
    home.configure("[jobs]\nparallel_max = 1\n")
    _, path = write(home, {"a": work(home, "a"), "b": work(home, "b", depends_on=("a",))})
    surroundings = [f"{name}={value}" for name, value in home.environ(DOMED_ENDPOINT=f"unix:{home.socket}").items()]
    argv = ["/usr/bin/env", *surroundings, *DOME, "plan", "run", str(path), "--run-id", "run-1"]
    given = home.root / "input.json"
    given.write_text(json.dumps({"argv": argv}))
    done = home.dome("run", "process.run", "--input", str(given), "--timeout", "30")
    assert done.code == 0, done.err
    assert witness(home) == ["a", "b"]
    last, *_, first = home.dome("jobs", "--json").documents()
    assert last["correlation"]["parent_job_id"] == first["job_id"]
