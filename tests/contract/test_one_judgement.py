"""What a planner and what a person is told of a prior: one judgement, from one source, also of tools of a project."""

import json
import platform
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from benchmarks.learning.telling import told as told_of
from dome_contracts.canonical import canonical_bytes
from dome_contracts.schema.gates.standard_report import StandardReport
from dome_spec.binding import EvidenceStore, default_policy, open_memory, priors, repository_policy
from dome_spec.commands.memory.judging import known_versions, verifier_of
from dome_spec.commands.plan.remembering import remembered
from dome_spec.gates import GUARDRAILS_FILE
from dome_spec.kernel import FixedClock, Ids, InfraContext, read_document, resolve_infra, timestamp
from dome_spec.planning import (
    MemorySnapshot,
    PlanStore,
    StoredPlan,
    environment_class,
    fingerprint_input,
    task_key,
)
from dome_spec.standards import StandardReports
from tests.judged import bundle, guard
from tests.plans_made import a_failure, a_packet, an_answer, plan_of, some_facts, some_strategies

NOW = datetime(2024, 5, 17, 9, 30, tzinfo=UTC)
TOOL = "ledger.mend"
ANSWERS = {"TESTS.FAILED": [an_answer("team.rebuild"), an_answer(TOOL, test="{target}")]}
STRATEGIES = some_strategies(responses=ANSWERS)
HERE = environment_class(platform.system(), platform.machine(), None)
REPORT = Path(__file__).parents[2] / "contracts/examples/gates/standard_report/valid"


@pytest.fixture
def infra(tmp_path: Path) -> InfraContext:
    """A repository in which a tool of its own has mended a test eight times, in version 1.0.0."""
    root = tmp_path / "work"
    (root / ".dome").mkdir(parents=True)
    policy = default_policy().document.to_value()
    policy["rollout"]["stage"] = "prescriptive"
    (root / ".dome/binder_policy.yaml").write_text(json.dumps(policy))
    found = resolve_infra(root, {"XDG_STATE_HOME": str(tmp_path / "state")}).mint(Ids(FixedClock(NOW)))
    plan = plan_of(failures=[a_failure()], strategies=STRATEGIES)
    (mend,) = (task.spec for task in plan.tasks.values() if task.spec.requires.skill.skill_id == TOOL)
    PlanStore(found.state_dir).put(StoredPlan(plan, a_packet(), STRATEGIES, MemorySnapshot()))
    store = EvidenceStore(found.evidence_dir)
    with closing(open_memory(found.memory_path, repository_policy(found.root))) as memory:
        for number in range(8):
            at = NOW - timedelta(minutes=60 - number)
            facts = told_of(mend, run_id=f"run-{number}", number=0, holds=True, at=at, environment=HERE)
            memory.append(facts)
            group_id = facts[0].to_value()["body"]["group_id"]
            store.put(canonical_bytes(["proof", group_id]))
    return found


def checked(infra: InfraContext, version: str) -> None:
    """The tool was checked in a version, and passed."""
    value: Any = json.loads(next(iter(sorted(REPORT.iterdir()))).read_bytes())
    value["tool"] |= {"tool_id": TOOL, "version": version}
    shown = {"digest": "sha256:" + "a" * 64, "location": "evidence/a"}
    passed = {"status": "PASS", "assertion_count": 1, "findings": [], "evidence": [shown]}
    value["subchecks"] = dict.fromkeys(value["subchecks"], passed)
    StandardReports(infra.state_dir).keep(read_document(StandardReport, {**value, "status": "PASS"}))


def to_planner(infra: InfraContext) -> tuple[str, list[str]]:
    """What `dome plan new` takes it for."""
    told = remembered(
        a_packet(), some_facts(), infra, strategies=STRATEGIES, stated=[a_failure()], entries=(), at=timestamp(NOW)
    )
    plan = plan_of(memory=told, strategies=STRATEGIES)
    (prior,) = plan.priors
    return prior.use.value, [each.code.value for each in prior.reasons or ()]


def to_person(infra: InfraContext) -> tuple[str, list[str]]:
    """What `dome memory priors` takes it for, asked with the task that mends."""
    plan = plan_of(failures=[a_failure()], strategies=STRATEGIES)
    (spec,) = (task.spec for task in plan.tasks.values() if task.spec.requires.skill.skill_id == TOOL)
    with closing(open_memory(infra.memory_path, repository_policy(infra.root))) as memory:
        asked = fingerprint_input(spec, known_versions(infra, memory), HERE)
        (prior,) = priors(memory, task_key(spec), asked, now=NOW, verifier=verifier_of(infra))
    return prior.eligibility.use.value, [each.code.value for each in prior.eligibility.reasons]


def test_before_anybody_has_checked_the_tool_that_alone_speaks_against_it(infra: InfraContext) -> None:
    assert to_planner(infra) == to_person(infra) == ("advisory", ["tool_nonconforming"])


def test_a_tool_that_conforms_makes_a_prior_prescriptive_for_both(infra: InfraContext) -> None:
    checked(infra, "1.0.0")
    assert to_planner(infra) == to_person(infra) == ("prescriptive", [])


def test_another_version_of_the_tool_by_now_is_another_circumstance_for_both(infra: InfraContext) -> None:
    checked(infra, "2.0.0")
    assert to_planner(infra) == to_person(infra) == ("advisory", ["fingerprint_differs", "tool_nonconforming"])


def test_evidence_that_is_gone_makes_it_advice_for_both(infra: InfraContext) -> None:
    checked(infra, "1.0.0")
    for path in sorted(infra.evidence_dir.rglob("*")):
        if path.is_file():
            path.unlink()
    assert to_planner(infra) == to_person(infra) == ("advisory", ["evidence_unresolved"])


@pytest.mark.parametrize(
    ("where", "reasons"),
    [
        ({"prescribed": True}, ["policy_incompatible"]),
        ({"prescribed": True, "action_kinds": ["fix"]}, ["policy_incompatible"]),
        ({"prescribed": True, "action_kinds": ["harden"]}, []),
    ],
)
def test_a_remedy_that_the_guards_would_refuse_is_advice_before_it_is_tried_for_both(
    infra: InfraContext, where: dict[str, Any], reasons: list[str]
) -> None:
    checked(infra, "1.0.0")
    begins = {"from": "queued", "to": "running"}
    by_people = guard({"kind": "effector_among", "effector_kinds": ["human"]})
    own = bundle({"by.people": by_people | {"applies_to": {"transitions": [begins], **where}}}).to_value()
    (infra.root / GUARDRAILS_FILE).write_text(json.dumps(own | {"transitions": [begins]}))
    use = "advisory" if reasons else "prescriptive"
    assert to_planner(infra) == to_person(infra) == (use, reasons)


def test_guards_that_look_at_the_working_tree_alone_take_no_remedy_back(infra: InfraContext) -> None:
    checked(infra, "1.0.0")
    begins = {"from": "queued", "to": "running"}
    clean = guard({"kind": "worktree_clean"}) | {"applies_to": {"transitions": [begins]}}
    own = bundle({"tree.clean": clean}).to_value() | {"transitions": [begins]}
    (infra.root / GUARDRAILS_FILE).write_text(json.dumps(own))
    assert to_planner(infra) == to_person(infra) == ("prescriptive", [])
