"""Primitives become TaskSpecs under their digests, in waves. What comes out as the same TaskSpec is one task."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from dome_contracts.schema.control.control_strategies import TieBreaker
from dome_contracts.schema.knowledge.capsule import CapsuleUse
from dome_contracts.schema.patterns.pattern import Pattern
from dome_contracts.schema.planning.plan import Plan
from dome_contracts.schema.planning.task_spec import TaskSpec
from dome_contracts.schema.shared.definitions import Scope
from dome_spec.planning.compose.material import Material
from dome_spec.planning.compose.primitives import Primitive, line, spec_of
from dome_spec.planning.compose.priors import Consulted
from dome_spec.planning.identity import document_digest, task_id
from dome_spec.planning.order import blocks_counts, cycle_in, waves_of
from dome_spec.planning.refusals import PlanInvalid, PlanTooLarge, Problem

LINKS_MAX: Final = 256
"""Most tasks that one task names as those that it waits for."""
PRIORS_MAX: Final = 200
REASONS_MAX: Final = 32
_SCOPES: Final = (Scope.TASK, Scope.RUN, Scope.REPO)
"""The smallest first."""


@dataclass(slots=True)
class _Task:
    """A task while it is put together: several primitives may be the same task."""

    primitive: Primitive
    spec: TaskSpec
    because: list[str] = field(default_factory=list)
    links: dict[str, list[str]] = field(default_factory=lambda: {"depends_on": [], "after": [], "unless": []})
    proves: str | None = None

    @property
    def waits(self) -> list[str]:
        return list(dict.fromkeys(name for names in self.links.values() for name in names))


def assembled(
    primitives: Sequence[Primitive],
    material: Material,
    *,
    consulted: Sequence[Consulted],
    pattern: Pattern | None,
    planner_version: str,
    evaluate_time: str,
) -> Plan:
    """The plan of these primitives. Raises PlanTooLarge, PlanInvalid."""
    ids = {each.name: task_id(spec_of(each)) for each in primitives}
    tasks = _tasks(primitives, ids)
    waits = {name: task.waits for name, task in tasks.items()}
    _refuse_unfit(tasks, waits, material)
    counts = blocks_counts(waits)
    settings = material.strategies.planner
    waves = waves_of(waits, _rank(tasks, counts, material), tasks_max=settings.wave_tasks_max)
    inputs = {
        "packet_digest": document_digest(material.packet),
        "strategies_digest": document_digest(material.strategies),
        "facts_digest": material.memory.digest,
        "evaluate_time": evaluate_time,
        **({} if pattern is None else {"pattern_digest": document_digest(pattern)}),
    }
    return Plan.from_value(
        {
            "schema_version": "1",
            "packet_id": material.packet.packet_id,
            "repository": material.packet.repository.to_value(),
            "planner_version": planner_version,
            "inputs": inputs,
            "budgets": material.packet.budgets.to_value(),
            "tasks": {name: _planned(tasks[name], counts[name]) for name in sorted(tasks)},
            "waves": [list(wave) for wave in waves],
            "priors": [_prior(each, ids) for each in consulted[:PRIORS_MAX]],
        }
    )


def _tasks(primitives: Sequence[Primitive], ids: Mapping[str, str]) -> dict[str, _Task]:
    tasks: dict[str, _Task] = {}
    for each in primitives:
        own = ids[each.name]
        task = tasks.setdefault(own, _Task(each, spec_of(each)))
        task.because += [reason for reason in map(line, each.because) if reason not in task.because]
        links = {"depends_on": each.links.needs, "after": each.links.after, "unless": each.links.unless}
        for kind, names in links.items():
            waited = (ids[name] for name in names if ids[name] != own)
            task.links[kind] = list(dict.fromkeys((*task.links[kind], *waited)))
        if each.links.proves is not None:
            task.proves = ids[each.links.proves]
    return tasks


def _refuse_unfit(tasks: Mapping[str, _Task], waits: Mapping[str, Sequence[str]], material: Material) -> None:
    problems = []
    tasks_max, jobs_max = material.strategies.planner.tasks_max, material.packet.budgets.jobs_max
    if len(tasks) > tasks_max:
        what = f"the plan would have {len(tasks)} tasks, the strategies allow {tasks_max} (/planner/tasks_max)"
        problems.append(Problem("/criteria", what, "Split the packet, or raise `planner.tasks_max` of the strategies"))
    needed = sum(not task.links["unless"] for task in tasks.values())
    if jobs_max is not None and needed > jobs_max:
        what = f"the plan takes {needed} jobs at least, and the budget is {jobs_max}"
        problems.append(Problem("/budgets/jobs_max", what, "Raise it, or split the packet"))
    if any(len(names) > LINKS_MAX for task in tasks.values() for names in task.links.values()):
        what = f"a task would wait for more than {LINKS_MAX} others"
        problems.append(Problem("/checks", what, "Split the packet"))
    if problems:
        raise PlanTooLarge(tuple(sorted(problems)))
    if found := cycle_in(waits):
        raise PlanInvalid((Problem(f"/tasks/{found[0]}", f"tasks wait for each other: {' -> '.join(found)}"),))


def _rank(tasks: Mapping[str, _Task], counts: Mapping[str, int], material: Material) -> Callable[[str], Any]:
    """First what most others wait for; between equals the tie breakers of the strategies, one after the other."""
    skills = Counter(task.spec.requires.skill.skill_id for task in tasks.values())
    attempts_max = material.packet.budgets.attempts_max

    def by(breaker: TieBreaker, name: str) -> Any:
        task = tasks[name]
        match breaker:
            case TieBreaker.MOST_BLOCKING:
                return -counts[name]
            case TieBreaker.RAREST_SKILL:
                return skills[task.spec.requires.skill.skill_id]
            case TieBreaker.FEWEST_ATTEMPTS:
                return task.primitive.attempts_max or attempts_max
            case TieBreaker.SMALLEST_SCOPE:
                return _SCOPES.index(task.spec.scope)
            case TieBreaker.TASK_ID:
                return name

    breakers = (TieBreaker.MOST_BLOCKING, *material.strategies.tie_breakers)
    return lambda name: tuple(by(breaker, name) for breaker in breakers)


def _planned(task: _Task, blocks_count: int) -> dict[str, Any]:
    """The task as it stands in the plan. What it waits for is in the order of the ids."""
    after = [name for name in task.links["after"] if name not in task.links["depends_on"]]
    value: dict[str, Any] = {
        "layer": task.primitive.layer.value,
        "spec": task.spec.to_value(),
        "depends_on": sorted(task.links["depends_on"]),
        "blocks_count": blocks_count,
    }
    optional = {"after": sorted(after), "unless": sorted(task.links["unless"]), "because": task.because[:REASONS_MAX]}
    value |= {name: each for name, each in optional.items() if each}
    if task.primitive.attempts_max is not None:
        value["attempts_max"] = task.primitive.attempts_max
    return value if task.proves is None else {**value, "proves": task.proves}


def _prior(consulted: Consulted, ids: Mapping[str, str]) -> dict[str, Any]:
    prior = consulted.prior
    reasons = [each.to_value() for each in prior.eligibility.reasons]
    if prior.eligibility.use is CapsuleUse.PRESCRIPTIVE and prior.remedy is None:
        reasons = [{"code": "remedy_missing", "detail": "The remedy's TaskSpec is not kept here."}]
    value: dict[str, Any] = {
        "capsule_id": prior.capsule.capsule_id,
        "capsule_digest": document_digest(prior.capsule),
        "use": prior.eligibility.use.value,
        "effect": consulted.effect.value,
    }
    if consulted.primitive is not None:
        value["task_id"] = ids[consulted.primitive]
    if reasons:
        value["reasons"] = reasons
    return value if consulted.withheld is None else {**value, "withheld": consulted.withheld.value}
