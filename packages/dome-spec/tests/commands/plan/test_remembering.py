"""What a plan is told by the memory: what was seen to fail, and what was learnt of mending it."""

import platform
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.canonical import digest
from dome_contracts.schema.control.control_strategies import PriorsUse
from dome_contracts.schema.knowledge.fact import Fact
from dome_contracts.schema.planning.task_spec import TaskSpec
from dome_spec.binding import default_policy, make_fact, open_memory, repository_policy
from dome_spec.commands.plan.remembering import remembered
from dome_spec.kernel import FixedClock, Ids, InfraContext, read_document, resolve_infra, timestamp
from dome_spec.kernel.yaml_text import write_yaml
from dome_spec.planning import (
    MemorySnapshot,
    PlanStore,
    StoredPlan,
    default_strategies,
    environment_class,
    fingerprint_input,
    task_id,
    task_key,
    template_digest,
)
from tests.plans_made import HALF_EVEN, a_failure, a_packet, plan_of, some_facts
from tests.remembered import example

Git = Any
NOW = datetime(2024, 5, 17, 9, 30, tzinfo=UTC)
HERE = environment_class(platform.system(), platform.machine(), None)


@pytest.fixture
def infra(git: Git, tmp_path: Path) -> InfraContext:
    """A repository whose policy lets everything be learnt from, and lets it suggest."""
    policy = default_policy().document.to_value()
    rollout = {**policy["rollout"], "stage": "guided"}
    git.write(
        ".dome/binder_policy.yaml", write_yaml({**policy, "default_fallback_mode": "lenient", "rollout": rollout})
    )
    git.commit("first")
    found = resolve_infra(git.root, {"XDG_STATE_HOME": str(tmp_path / "state")})
    return found.mint(Ids(FixedClock(NOW)))


def attempt(spec: TaskSpec, number: int, status: str, observed: str = "NONE") -> Fact:
    """The fact of an attempt at a task, minutes before."""
    value = example("knowledge/fact", "task_failed")
    ended = NOW - timedelta(minutes=60 - number)
    run_id = f"run-{number}"
    body = {
        **value["body"],
        "run_id": run_id,
        "task_id": task_id(spec),
        "group_id": digest([run_id, task_id(spec)]),
        "task": task_key(spec).to_value(),
        "template_digest": template_digest(spec),
        "outcome": {"status": status, "failure_reason_code": observed, "policy_reason_code": "NONE"},
        "skill_id": spec.requires.skill.skill_id,
        "tool_version": "1.0.0",
        "fingerprint": fingerprint_input(spec, {spec.requires.skill.skill_id: "1.0.0"}, HERE).to_value(),
        "start_time": timestamp(ended),
        "end_time": timestamp(ended),
    }
    lineage = {**value["source"]["lineage"], "sequence": number + 1, "run_id": run_id}
    whole = read_document(Fact, {**value, "body": body, "source": {**value["source"], "lineage": lineage}})
    return make_fact(whole.body, source=whole.source, repository_id=whole.repository_id, occur_time=ended)


def ask(infra: InfraContext, stated: Any = ()) -> MemorySnapshot:
    return remembered(
        a_packet(), some_facts(), infra, strategies=default_strategies(), stated=stated, entries=(), at=timestamp(NOW)
    )


def test_a_memory_that_knows_nothing_says_nothing(infra: InfraContext) -> None:
    assert ask(infra) == MemorySnapshot(stage=PriorsUse.GUIDED)
    assert not infra.memory_path.exists()
    assert ask(infra, [a_failure()]).failures == (a_failure(),)


def test_what_was_seen_to_fail_is_known_and_what_mended_it_is_a_prior_with_its_remedy(infra: InfraContext) -> None:
    plan = plan_of(failures=[a_failure()])
    about = [task for task in plan.tasks.values() if task.spec.target.id == HALF_EVEN]
    look = next(task.spec for task in about if task.layer.value == "observe")
    mend = next(task.spec for task in about if task.layer.value == "transform")
    PlanStore(infra.state_dir).put(StoredPlan(plan, a_packet(), default_strategies(), MemorySnapshot()))
    memory = open_memory(infra.memory_path, repository_policy(infra.root))
    memory.append(
        [attempt(look, 1, "FAILED", "TESTS.FAILED"), *(attempt(mend, each, "SUCCEEDED") for each in range(2, 9))]
    )
    memory.close()
    told = ask(infra)
    assert told.failures == (a_failure(),)
    learnt = next(each for each in told.priors if each.capsule.remedy is not None)
    assert learnt.capsule.support_count == 7
    assert learnt.remedy is not None
    assert template_digest(learnt.remedy) == template_digest(mend)
    assert learnt.capsule.eligibility is None
    suggested = plan_of(memory=told)
    assert [each.effect.value for each in suggested.priors if each.capsule_id == learnt.capsule.capsule_id] == [
        "suggested"
    ]
    assert ask(infra).digest == told.digest
