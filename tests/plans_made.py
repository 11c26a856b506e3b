"""What plans are made from, for tests: packets, facts of repositories, priors. And a plan as people see it."""

from collections.abc import Mapping, Sequence
from typing import Any

from dome_contracts.canonical import digest
from dome_contracts.schema.control.control_strategies import ControlStrategies
from dome_contracts.schema.knowledge.capsule import Capsule, Eligibility
from dome_contracts.schema.patterns.pattern import Pattern
from dome_contracts.schema.planning.packet import Packet
from dome_contracts.schema.planning.plan import Plan
from dome_contracts.schema.planning.task_spec import TaskSpec
from dome_contracts.schema.shared.definitions import Target, TargetKind
from dome_spec.kernel import read_document
from dome_spec.planning import (
    KnownFailure,
    MemorySnapshot,
    OfferedPrior,
    RepositoryFacts,
    default_strategies,
    facts_of,
    make_plan,
    template_digest,
)

WHEN = "2024-05-17T09:30:00Z"
COMMIT = "cac1cff493e1a9d191f58e0a7de3fe2b1d43c0c2"
BASE = {
    "repository_id": "repo-01hr47m300dw48d4by8jq7k94x",
    "base_ref": "refs/heads/main",
    "base_commit": COMMIT,
}
PATHS = (
    "README.md",
    "docs/manual.md",
    "pyproject.toml",
    "src/ledger/fees.py",
    "src/ledger/interest.py",
    "tests/test_fees.py",
    "tests/test_interest.py",
)
HALF_EVEN = "tests/test_interest.py::test_half_even"


def a_check(*paths: str, skill_id: str = "repo.test", **tool_input: Any) -> dict[str, Any]:
    version = ">=1.0.0,<2.0.0"
    return {
        "skill": {"skill_id": skill_id, "version_range": version},
        "input": {**({"paths": list(paths)} if paths else {}), **tool_input},
    }


def a_criterion(number: int, check: str | None = None, statement: str = "") -> dict[str, Any]:
    value = {"criterion_id": f"AC{number:02}", "statement": statement or f"Thing {number} holds."}
    return value if check is None else {**value, "check": check}


def packet_value(**changes: Any) -> dict[str, Any]:
    value = {
        "schema_version": "1",
        "packet_id": "interest-rounding",
        "goal": "Interest is rounded half to even.",
        "plan_card": {"why": "Two customers have written.", "what": "Mend the rounding."},
        "repository": BASE,
        "criteria": [a_criterion(1, "interest"), a_criterion(2, "unit"), a_criterion(3)],
        "checks": {"interest": a_check("tests/test_interest.py"), "unit": a_check()},
        "budgets": {"attempts_max": 3, "parallel_max": 2, "duration_s_max": 1800},
        "constraints": {"allowed_paths": ["src/**", "tests/**"]},
        "required_evidence": [{"kind": "diff"}],
    }
    return {**value, **changes}


def a_packet(**changes: Any) -> Packet:
    return read_document(Packet, packet_value(**changes))


def some_facts(
    paths: Sequence[str] = PATHS, texts: Mapping[str, str] | None = None, commit: str = COMMIT
) -> RepositoryFacts:
    return facts_of(commit, paths, lambda path: (texts or {}).get(path, ""))


def some_strategies(**changes: Any) -> ControlStrategies:
    """The shipped ones, with other members; those of `planner` beside each other."""
    value = default_strategies().to_value()
    planner = {**value["planner"], **changes.pop("planner", {})}
    return read_document(ControlStrategies, {**value, **changes, "planner": planner})


def an_answer(skill_id: str, action: str = "fix", layer: str = "transform", **tool_input: Any) -> dict[str, Any]:
    return {
        "action": {"kind": action},
        "layer": layer,
        "skill": {"skill_id": skill_id, "version_range": "*"},
        "input": tool_input,
    }


def a_failure(name: str = HALF_EVEN, code: str = "TESTS.FAILED") -> KnownFailure:
    kind = TargetKind.TEST if "::" in name else TargetKind.PATH
    return KnownFailure(Target(kind=kind, id=name), code)


def a_remedy(name: str = HALF_EVEN, skill_id: str = "ledger.mend", **tool_input: Any) -> TaskSpec:
    """The TaskSpec that mended something."""
    value = {
        "schema_version": "1",
        "scope": "repo",
        "target": a_failure(name).target.to_value(),
        "action": {"kind": "fix"},
        "failure_reason_code": "TESTS.FAILED",
        "goal": "It holds again.",
        "acceptance_criteria": [],
        "side_effects": {"mode": "repository", "paths": ["src/**"]},
        "requires": {"skill": {"skill_id": skill_id, "version_range": "*"}},
        "input": tool_input or {"test": name},
    }
    return read_document(TaskSpec, value)


def a_prior(
    name: str = HALF_EVEN,
    *,
    skill_id: str = "ledger.mend",
    confidence: float = 0.9,
    reasons: Sequence[str] = (),
    is_kept: bool = True,
    **tool_input: Any,
) -> OfferedPrior:
    """What was learnt of mending something. Prescriptive, unless reasons speak against it."""
    remedy = a_remedy(name, skill_id, **tool_input)
    task = {
        "scope": "repo",
        "target": remedy.target.to_value(),
        "action": {"kind": "fix"},
        "failure_reason_code": "TESTS.FAILED",
    }
    versions: dict[str, Any] = {"tools": {skill_id: "1.0.0"}, "schemas": {}, "environment_class": "linux"}
    fingerprint = {"gates": [], "versions": versions}
    key = {"task": task, "fingerprint_hash": digest(fingerprint), "binder_version": "v1"}
    held = {
        "template_digest": template_digest(remedy),
        "skill_id": skill_id,
        "tool_version": "1.0.0",
        "group_id": digest("group"),
        "evidence": [{"digest": digest("evidence"), "location": "evidence/1"}],
    }
    counted = {
        "run_id": "run-before",
        "task_id": digest("task"),
        "group_id": digest("group"),
        "binder_version": "v1",
    }
    capsule = {
        "schema_version": "1",
        "capsule_id": digest({"key": key, "input": remedy.input}),
        "key": key,
        "fingerprint": fingerprint,
        "support_count": 7,
        "contradiction_count": 0,
        "sighting_count": 1,
        "confidence": confidence,
        "binder_policy": digest("policy"),
        "first_seen_ts": "2024-05-01T00:00:00Z",
        "last_seen_ts": "2024-05-16T00:00:00Z",
        "remedy": held,
        "latest_contributions": [{"key": counted, "effect": "support", "end_time": "2024-05-16T00:00:00Z"}],
    }
    eligibility = {
        "use": "advisory" if reasons else "prescriptive",
        "evaluate_time": WHEN,
        "reasons": [{"code": code} for code in sorted(reasons)],
    }
    return OfferedPrior(
        read_document(Capsule, capsule), Eligibility.from_value(eligibility), remedy if is_kept else None
    )


def a_pattern(*steps: Mapping[str, Any], **changes: Any) -> Pattern:
    value = {
        "schema_version": "1",
        "pattern_id": "mend-failing-test",
        "version": "1.1.0",
        "title": "Mend a failing test",
        "category": "repair",
        "summary": "Look, change, check.",
        "parameters": {
            "test": {"description": "The failing test.", "kind": "text", "required": True},
            "paths": {"description": "Where to look.", "kind": "path_globs", "required": False},
        },
        "steps": [dict(each) for each in steps] or pattern_steps(),
    }
    return read_document(Pattern, {**value, **changes})


def pattern_steps() -> list[dict[str, Any]]:
    def step(name: str, layer: str, action: str, skill_id: str, **rest: Any) -> dict[str, Any]:
        skill = {"skill_id": skill_id, "version_range": "*"}
        made = {"step": name, "layer": layer, "target_kind": "test", "action": {"kind": action}, "skill": skill}
        return {**made, **rest}

    return [
        step(
            "look", "observe", "observe", "repo.search", goal="It is known where {test} stands.",
            input={"globs": "{paths}", "pattern": "{test}"},
        ),
        step(
            "mend", "transform", "fix", "ledger.mend", goal="{test} passes.", input={"prompt": "{test}"},
            side_effects={"mode": "repository", "paths": ["src/**"]}, depends_on=["look"],
        ),
    ]  # fmt: skip


def plan_of(packet: Packet | None = None, facts: RepositoryFacts | None = None, **rest: Any) -> Plan:
    """A plan of the usual packet, unless something else is said."""
    failures, priors = rest.pop("failures", ()), rest.pop("priors", ())
    memory = rest.pop("memory", MemorySnapshot(tuple(failures), tuple(priors)))
    made: dict[str, Any] = {"strategies": default_strategies(), "evaluate_time": WHEN, "memory": memory, **rest}
    return make_plan(packet or a_packet(), facts or some_facts(), **made)


def seen(plan: Plan) -> list[list[str]]:
    """The plan as people see it: in each wave, what is done to what with which skill."""
    return [[place(plan, task_id) for task_id in wave] for wave in plan.waves]


def place(plan: Plan, task_id: str) -> str:
    """Where a person would say that a task is."""
    task = plan.tasks[task_id]
    return f"{task.layer.value} {task.spec.target.id} ({task.spec.requires.skill.skill_id})"


def places(plan: Plan, *, but: Plan) -> set[str]:
    """Places of the tasks that one plan has and another one has not."""
    return {place(plan, task_id) for task_id in plan.tasks if task_id not in but.tasks}
