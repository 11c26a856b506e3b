"""Whether a plan holds together: ids, links, waves, criteria. What its schema says is judged before."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from dome_contracts.schema.planning.packet import Packet
from dome_contracts.schema.planning.plan import Layer, Plan, PlannedTask
from dome_spec.planning.checking.paths import plan_paths
from dome_spec.planning.identity import document_digest, task_id
from dome_spec.planning.order import blocks_counts, cycle_in
from dome_spec.planning.reach import beyond
from dome_spec.planning.refusals import Problem
from dome_spec.planning.skills import SKILLS
from dome_spec.planning.versions import PLANNER_VERSION, precedence

_SHORT: Final = 19
_KINDS: Final = ("depends_on", "after", "unless")


def check_plan(plan: Plan, packet: Packet | None = None) -> tuple[Problem, ...]:
    """What is wrong, in the order of the places; empty where nothing is. With its packet, also what it serves."""
    found = [*_ids(plan), *_reach(plan), *plan_paths(plan), *_links(plan), *_priors(plan)]
    waits = {name: waits_for(task) for name, task in plan.tasks.items()}
    circle = cycle_in(waits)
    if circle:
        shown = " -> ".join(each[:_SHORT] for each in circle)
        place = f"/tasks/{circle[0]}"
        found.append(Problem(f"{place}/{_kind(plan.tasks[circle[0]], circle[1])}", f"tasks wait in a circle: {shown}"))
    elif not found:
        found += [*_counts(plan, waits)]
    found += [*_waves(plan, waits)]
    if packet is not None:
        found += [*_served(plan, packet)]
    return tuple(sorted(found))


def waits_for(task: PlannedTask) -> tuple[str, ...]:
    """All that a task waits for, each once."""
    return tuple(dict.fromkeys((*task.depends_on, *(task.after or ()), *(task.unless or ()))))


def _ids(plan: Plan) -> Iterator[Problem]:
    for name, task in plan.tasks.items():
        if (actual := task_id(task.spec)) != name:
            what = f"the TaskSpec has the digest {actual[:_SHORT]}..., and stands under another one"
            yield Problem(f"/tasks/{name}/spec", what, "Make the plan anew: a TaskSpec is not edited in its plan")


def _reach(plan: Plan) -> Iterator[Problem]:
    """Whether an earlier planner has allowed a skill less than it declares: nobody would execute that."""
    made, here = precedence(plan.planner_version), precedence(PLANNER_VERSION)
    if made is None or here is None or made >= here:
        return
    for task in plan.tasks.values():
        known = SKILLS.get(task.spec.requires.skill.skill_id)
        if known is not None and (excess := beyond(known.reach, task.spec.side_effects)):
            what = (
                f"made by planner {plan.planner_version}, this is {PLANNER_VERSION}: a task of it allows "
                f"{known.skill_id} less than that declares ({', '.join(excess)})"
            )
            yield Problem("/planner_version", what, "Make it anew: `dome plan new` with the same packet")
            return


def _links(plan: Plan) -> Iterator[Problem]:
    for name, task in plan.tasks.items():
        for kind in _KINDS:
            for index, other in enumerate(_named(task, kind)):
                if other not in plan.tasks:
                    what = f"the plan has no task {other[:_SHORT]}..."
                    yield Problem(f"/tasks/{name}/{kind}/{index}", what)
        if task.proves is not None and task.proves not in task.depends_on:
            yield Problem(f"/tasks/{name}/proves", "what a task proves is not among what it depends on")


def _named(task: PlannedTask, kind: str) -> Sequence[str]:
    return {"depends_on": task.depends_on, "after": task.after or (), "unless": task.unless or ()}[kind]


def _kind(task: PlannedTask, other: str) -> str:
    """How a task names one that it waits for."""
    return next((kind for kind in _KINDS if other in _named(task, kind)), _KINDS[0])


def _priors(plan: Plan) -> Iterator[Problem]:
    for index, prior in enumerate(plan.priors):
        if prior.task_id is not None and prior.task_id not in plan.tasks:
            yield Problem(f"/priors/{index}/task_id", f"the plan has no task {prior.task_id[:_SHORT]}...")


def _counts(plan: Plan, waits: Mapping[str, Sequence[str]]) -> Iterator[Problem]:
    counts = blocks_counts(waits)
    for name, task in plan.tasks.items():
        if task.blocks_count is not None and task.blocks_count != counts[name]:
            what = f"{counts[name]} tasks wait for it, not {task.blocks_count}"
            yield Problem(f"/tasks/{name}/blocks_count", what)
    for number, wave in enumerate(plan.waves):
        for index in range(1, len(wave)):
            if counts.get(wave[index - 1], 0) < counts.get(wave[index], 0):
                yield Problem(f"/waves/{number}/{index}", "more tasks wait for it than for the one before it")


def _waves(plan: Plan, waits: Mapping[str, Sequence[str]]) -> Iterator[Problem]:
    before: set[str] = set()
    for number, wave in enumerate(plan.waves):
        for index, name in enumerate(wave):
            place = f"/waves/{number}/{index}"
            if name not in plan.tasks:
                yield Problem(place, f"the plan has no task {name[:_SHORT]}...")
            elif name in before or name in wave[:index]:
                yield Problem(place, "the task stands in the waves twice")
            elif late := [each for each in waits[name] if each in plan.tasks and each not in before]:
                yield Problem(place, f"it waits for {late[0][:_SHORT]}..., which is in no wave before it")
        before.update(wave)
    for name in sorted(set(plan.tasks) - before):
        yield Problem(f"/tasks/{name}", "the task stands in no wave")


def _served(plan: Plan, packet: Packet) -> Iterator[Problem]:
    if plan.inputs.packet_digest != document_digest(packet):
        yield Problem("/inputs/packet_digest", "the plan was made from another packet", "Make the plan anew")
        return
    served = {each.criterion_id for task in plan.tasks.values() for each in task.spec.acceptance_criteria}
    for criterion in packet.criteria:
        if criterion.criterion_id not in served:
            yield Problem("/tasks", f"no task serves {criterion.criterion_id}", "Make the plan anew")
    judged = [each for task in plan.tasks.values() if task.spec.gates for each in task.spec.required_evidence or ()]
    for index, asked in enumerate(packet.required_evidence):
        if asked not in judged:
            what = f"no task that a gate judges asks for the {asked.kind.value} of /required_evidence/{index}"
            yield Problem("/tasks", what, "Make the plan anew")


def decisive(plan: Plan) -> frozenset[str]:
    """The tasks whose failure is the run's: they judge the work in the end. Where none does, every task.

    A look may fail: then something is known. An answer may: another one follows, and what judges in the end decides.
    """
    judging = {
        name
        for name, task in plan.tasks.items()
        if task.layer in (Layer.VERIFY, Layer.GATE_INPUTS) and task.proves is None
    }
    return frozenset(judging or plan.tasks)
