"""A plan for people: its waves, why each task is there, what it waits for, and what priors had to say. Pure."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from dome_contracts.canonical import PREFIX
from dome_contracts.schema.planning.packet import Packet
from dome_contracts.schema.planning.plan import Layer, Plan, PlannedTask, PriorConsulted, PriorEffect
from dome_spec.planning import plan_hash

_SHORT: Final = 8
_EFFECTS: Final = {
    PriorEffect.PLACED_FIRST: "its remedy is placed first",
    PriorEffect.SUGGESTED: "it is told to, or orders, the answers",
    PriorEffect.NONE: "it changes nothing",
}


def plan_lines(plan: Plan, packet: Packet | None = None, *, directory: Path | None = None) -> list[str]:
    """The whole plan as lines."""
    numbers = _numbers(plan)
    return [
        *_head(plan, packet),
        *(each for number, wave in enumerate(plan.waves, 1) for each in _wave(number, wave, plan, numbers)),
        *_priors(plan, numbers),
        *_feet(directory),
    ]


def short(digest: str) -> str:
    """The beginning of a digest, as people name it."""
    return digest.removeprefix(PREFIX)[:_SHORT]


def _numbers(plan: Plan) -> dict[str, str]:
    """A short name of each task: its wave and its place in it."""
    return {
        task_id: f"{number}.{place}"
        for number, wave in enumerate(plan.waves, 1)
        for place, task_id in enumerate(wave, 1)
    }


def _head(plan: Plan, packet: Packet | None) -> Iterator[str]:
    yield f"plan {short(plan_hash(plan))}  {plan.packet_id}"
    if packet is not None:
        yield f"  goal    {packet.goal}"
    yield f"  from    {plan.repository.base_ref} at {plan.repository.base_commit[:12]}"
    yield f"  size    {len(plan.tasks)} tasks in {len(plan.waves)} waves, at most {plan.budgets.parallel_max} at a time"
    yield f"  priors  {len(plan.priors)} consulted, as they stood at {plan.inputs.evaluate_time}"


def _wave(number: int, wave: list[str], plan: Plan, numbers: Mapping[str, str]) -> Iterator[str]:
    layers = sorted({plan.tasks[each].layer for each in wave}, key=list(Layer).index)
    yield ""
    yield f"wave {number}: {', '.join(layer.value for layer in layers)}"
    for task_id in wave:
        yield from _task(numbers[task_id], plan.tasks[task_id], numbers)


def _task(name: str, task: PlannedTask, numbers: Mapping[str, str]) -> Iterator[str]:
    spec = task.spec
    addressed = "" if spec.failure_reason_code == "NONE" else f", about {spec.failure_reason_code}"
    yield f"  {name}  {spec.goal}"
    yield f"       {spec.action.kind.value} {spec.target.id} with {spec.requires.skill.skill_id}{addressed}"
    yield from (f"       why: {each}" for each in task.because or ())
    criteria = [each.criterion_id for each in spec.acceptance_criteria]
    if criteria:
        yield f"       decides: {', '.join(criteria)}"
    for word, ids in (("needs", task.depends_on), ("after", task.after), ("unless", task.unless)):
        if ids:
            yield f"       {word}: {', '.join(sorted(numbers.get(each, short(each)) for each in ids))}"
    if task.attempts_max is not None:
        yield f"       at most {task.attempts_max} attempt{'s' if task.attempts_max > 1 else ''}"


def _priors(plan: Plan, numbers: Mapping[str, str]) -> Iterator[str]:
    if plan.priors:
        yield ""
        yield "priors:"
    for prior in plan.priors:
        yield f"  {short(prior.capsule_id)}  {prior.use.value}: {_effect(prior, numbers)}"
        for reason in prior.reasons or ():
            numbers_told = "" if reason.limit is None else f" ({reason.actual:g}, the policy asks {reason.limit:g})"
            yield f"       {reason.code.value}{numbers_told}{f': {reason.detail}' if reason.detail else ''}"


def _effect(prior: PriorConsulted, numbers: Mapping[str, str]) -> str:
    at = f" ({numbers.get(prior.task_id, short(prior.task_id))})" if prior.task_id is not None else ""
    held_back = f"; held back: {_EFFECTS[prior.withheld]}" if prior.withheld is not None else ""
    return f"{_EFFECTS[prior.effect]}{at}{held_back}"


def _feet(directory: Path | None) -> Iterator[str]:
    if directory is not None:
        yield ""
        yield f"kept in {directory}"
        yield f"carry it out: dome plan run {directory / 'plan.json'}"
