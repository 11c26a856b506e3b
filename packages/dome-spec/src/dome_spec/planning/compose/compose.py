"""Makes the plan: pure, from the material and the moment. The same inputs give the same bytes.

In this order: look at everything, answer what is known to fail, work for the goal, judge, and record the change.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from dome_contracts.schema.control.control_strategies import ControlStrategies
from dome_contracts.schema.patterns.pattern import Pattern
from dome_contracts.schema.planning.packet import Criterion, Packet
from dome_contracts.schema.planning.plan import Layer, Plan
from dome_spec.planning.checking import check_packet, check_strategies
from dome_spec.planning.compose import instruction, searching
from dome_spec.planning.compose.answering import Chain, answering, working
from dome_spec.planning.compose.assembling import assembled
from dome_spec.planning.compose.concluding import concluding, evidence_of
from dome_spec.planning.compose.judging import Judge, judges, observing, verifying
from dome_spec.planning.compose.material import Material
from dome_spec.planning.compose.patterns import find_pattern, resolve
from dome_spec.planning.compose.primitives import Links, Primitive
from dome_spec.planning.compose.relevant import seen_by
from dome_spec.planning.compose.sequencing import in_turn
from dome_spec.planning.knowledge import EMPTY, KnownFailure, MemorySnapshot
from dome_spec.planning.order import waves_of
from dome_spec.planning.refusals import PacketRefused, StrategiesRefused
from dome_spec.planning.repository import RepositoryFacts
from dome_spec.planning.versions import PLANNER_VERSION


def make_plan(
    packet: Packet,
    repository: RepositoryFacts,
    *,
    strategies: ControlStrategies,
    evaluate_time: str,
    memory: MemorySnapshot = EMPTY,
    patterns: Sequence[Pattern] = (),
) -> Plan:
    """The plan for a packet. `evaluate_time` is the moment for which the standing of the priors was judged.

    Raises PacketRefused, StrategiesRefused, PatternRefused, PlanTooLarge; each names the places.
    """
    if problems := check_strategies(strategies):
        raise StrategiesRefused(problems)
    if problems := check_packet(packet, repository):
        raise PacketRefused(problems)
    material = Material(packet, repository, strategies, memory)
    pattern = find_pattern(packet, patterns)
    judging = judges(material, is_changing=True)
    chains = _chains(material, judging, pattern)
    if not any(step.changes for chain in chains for step in chain.steps):
        judging = judges(material, is_changing=False)
    return assembled(
        _primitives(material, judging, chains),
        material,
        consulted=[each for chain in chains for each in chain.consulted],
        pattern=pattern,
        planner_version=PLANNER_VERSION,
        evaluate_time=evaluate_time,
    )


def _chains(material: Material, judging: Sequence[Judge], pattern: Pattern | None) -> tuple[Chain, ...]:
    """What is done: about each known failure, and for the goal where something is left to be done for it."""
    chains = []
    answered = set()
    for failure, judge in seen_by(judging, material):
        chain = _for_failure(failure, judge, material)
        chains.append(chain)
        if chain.ends:
            answered.add(failure.order[:2])
    targets = {each.name: (each.target.kind.value, each.target.id) for each in judging}
    open_criteria = [each for each in material.packet.criteria if targets.get(f"check:{each.check}") not in answered]
    if pattern is not None:
        chains.append(_by_pattern(pattern, material))
    elif open_criteria or Layer.TRANSFORM in material.layers:
        chains.append(working(instruction.for_goal(material, judging), material))
    return tuple(chains)


def _for_failure(failure: KnownFailure, judge: Judge, material: Material) -> Chain:
    """The answers to a failure, after a search for what it is about."""
    chain = answering(failure, judge, material)
    search = searching.failing(failure.target, failure.failure_reason_code, material)
    return replace(chain, looks=(search, *chain.looks)) if search is not None and chain.steps else chain


def _by_pattern(pattern: Pattern, material: Material) -> Chain:
    """The steps of the pattern, each after those that it waits for."""
    resolved = resolve(pattern, material.packet)
    steps = {step.name: step for step in resolved.steps}
    waits = {name: step.links.needs for name, step in steps.items()}
    order = list(steps)
    waves = waves_of(waits, order.index, tasks_max=len(order))
    return Chain((), tuple(steps[name] for wave in waves for name in wave), resolved.sinks)


def _primitives(material: Material, judging: Sequence[Judge], chains: Sequence[Chain]) -> tuple[Primitive, ...]:
    """All that is to be done, each once, linked."""
    steps = [step for chain in chains for step in chain.steps]
    is_changing = any(step.changes for step in steps)
    looks = [look for chain in chains for look in chain.looks]
    if is_changing:
        looks = [*map(observing, judging), *_searches(material), *looks]
    looks += _asked(material, is_changing=is_changing)
    links = Links(needs=tuple(name for chain in chains for name in chain.ends))
    verifies = [verifying(each, links) for each in judging]
    if Layer.VERIFY in material.layers:
        people = [each for each in material.packet.criteria if each.check is None]
        verifies += [_about(each, Layer.VERIFY, material, links) for each in people]
    told = in_turn([*_once(looks), *steps, *verifies])
    asked = Layer.GATE_INPUTS in material.layers or _needs_people(material.packet) or evidence_of(material.packet)
    if not (is_changing or asked):
        return told
    done = Links(needs=links.needs, after=tuple(each.name for each in verifies))
    return (*told, *concluding(material.packet, done))


def _searches(material: Material) -> Iterable[Primitive]:
    """What is looked for because the packet names it, or because documents are all that is changed."""
    found = [
        searching.outline(material),
        *(searching.naming(each, material) for each in searching.subjects(material.packet)),
    ]
    return [each for each in found if each is not None]


def _asked(material: Material, *, is_changing: bool) -> list[Primitive]:
    """Looks that the strategies ask for of every criterion, where the plan has none of the kind for it."""
    found = []
    for layer in (Layer.OBSERVE, Layer.DIAGNOSE):
        if layer in material.layers:
            observed = is_changing and layer is Layer.OBSERVE
            wanting = [each for each in material.packet.criteria if each.check is None or not observed]
            found += [_about(each, layer, material, Links()) for each in wanting]
    return found


def _about(criterion: Criterion, layer: Layer, material: Material, links: Links) -> Primitive:
    return replace(searching.about(criterion.statement, criterion.criterion_id, layer, material), links=links)


def _needs_people(packet: Packet) -> bool:
    return any(each.check is None for each in packet.criteria)


def _once(primitives: Iterable[Primitive]) -> Iterable[Primitive]:
    """Each name once, as it was said first."""
    named: dict[str, Primitive] = {}
    for each in primitives:
        named.setdefault(each.name, each)
    return named.values()
