"""Plans for tests, by the names of their tasks. Waves are as early as dependencies let them be."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dome_contracts.canonical import digest
from dome_contracts.schema.planning.plan import Plan
from dome_spec.kernel import read_document

REPOSITORY_ID = "repo-01hr47m300dw48d4by8jq7k94x"
RUN_ID = "run-of-the-tests"
WORK = "work.do"
"""A skill that does nothing to the world; any other one may do what it likes."""
EVERYTHING = {"mode": "declared", "paths": ["**"], "hosts": ["*"], "programs": ["*"]}
NO_DIGEST = "sha256:" + "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A task as a test says it."""

    depends_on: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    attempts_max: int | None = None
    layer: str = "verify"
    proves: str = ""
    skill_id: str = WORK
    version_range: str = "*"
    input: Mapping[str, Any] | None = None
    addresses: str = "NONE"
    spec: Mapping[str, Any] | None = None
    """Further fields of the TaskSpec."""
    requires: Mapping[str, Any] | None = None
    """Further fields of the requirements."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and what its tasks are called."""

    plan: Plan
    ids: Mapping[str, str]
    """The id of each task by its name in the test."""

    @property
    def names(self) -> Mapping[str, str]:
        """The name of each task by its id."""
        return {task_id: name for name, task_id in self.ids.items()}


def planned(wishes: Mapping[str, Wish], *, repository_id: str = REPOSITORY_ID, **budgets: Any) -> Planned:
    """A plan with these tasks. They are named before those that wait for them."""
    ids: dict[str, str] = {}
    tasks: dict[str, Any] = {}
    levels: dict[str, int] = {}
    for name, wish in wishes.items():
        spec = _spec(name, wish)
        ids[name] = digest(spec)
        waits = [*wish.depends_on, *wish.after, *wish.unless]
        levels[name] = 1 + max((levels[each] for each in waits), default=0)
        task: dict[str, Any] = {
            "layer": wish.layer,
            "spec": spec,
            "depends_on": [ids[each] for each in wish.depends_on],
        }
        task |= {
            field: [ids[each] for each in getattr(wish, field)] for field in ("after", "unless") if getattr(wish, field)
        }
        task |= {"proves": ids[wish.proves]} if wish.proves else {}
        tasks[ids[name]] = task | ({"attempts_max": wish.attempts_max} if wish.attempts_max else {})
    waves = [[ids[name] for name in wishes if levels[name] == level] for level in sorted(set(levels.values()))]
    document = {
        "schema_version": "1",
        "packet_id": "of-the-tests",
        "repository": {"repository_id": repository_id, "base_ref": "refs/heads/main", "base_commit": "0" * 40},
        "planner_version": "0.1.0",
        "inputs": {
            "packet_digest": NO_DIGEST,
            "strategies_digest": NO_DIGEST,
            "facts_digest": NO_DIGEST,
            "evaluate_time": "2024-05-17T09:30:00Z",
        },
        "budgets": {"attempts_max": 3, "parallel_max": 2, "duration_s_max": 3600} | budgets,
        "tasks": tasks,
        "waves": waves,
        "priors": [],
    }
    return Planned(read_document(Plan, document), ids)


def _spec(name: str, wish: Wish) -> dict[str, Any]:
    skill = {"skill_id": wish.skill_id, "version_range": wish.version_range}
    return {
        "schema_version": "1",
        "scope": "task",
        "target": {"kind": "component", "id": name},
        "action": {"kind": "validate"},
        "failure_reason_code": wish.addresses,
        "goal": f"The work {name} is done.",
        "acceptance_criteria": [],
        "side_effects": {"mode": "none"} if wish.skill_id == WORK else EVERYTHING,
        "requires": {"skill": skill, **(wish.requires or {})},
        "input": dict(wish.input if wish.input is not None else {"name": name}),
        **(wish.spec or {}),
    }
