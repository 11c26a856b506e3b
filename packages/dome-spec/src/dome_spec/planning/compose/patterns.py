"""Patterns: plan templates under a name. A packet fills the parameters; each step becomes a primitive.

Refuses a pattern whose steps are no order, arguments that do not fit, and effects beyond what the packet allows.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from dome_contracts.schema.patterns.pattern import Parameter, ParameterKind, Pattern, PatternRuntime, PatternStep
from dome_contracts.schema.planning.packet import Packet, PatternUse
from dome_contracts.schema.planning.plan import Layer
from dome_contracts.schema.shared.definitions import Scope, SideEffectMode, Target
from dome_spec.planning.compose.primitives import NO_FAILURE, Links, Primitive
from dome_spec.planning.globs import covers
from dome_spec.planning.order import cycle_in
from dome_spec.planning.reach import ANY_PATH, beyond
from dome_spec.planning.refusals import PacketRefused, PatternRefused, Problem
from dome_spec.planning.skills import SKILLS
from dome_spec.planning.versions import precedence, version_in

_PLACE: Final = re.compile(r"\{([a-z][a-z0-9_]{0,63})\}")


@dataclass(frozen=True, slots=True)
class Resolved:
    """A pattern whose parameters are filled."""

    pattern: Pattern
    steps: tuple[Primitive, ...]

    @property
    def sinks(self) -> tuple[str, ...]:
        """The steps that no other one waits for."""
        awaited = {name for step in self.steps for name in step.links.needs}
        return tuple(step.name for step in self.steps if step.name not in awaited)


def find_pattern(packet: Packet, patterns: Sequence[Pattern]) -> Pattern | None:
    """The pattern that a packet names, in the highest version that serves. None where it names none.

    Raises PacketRefused.
    """
    use = packet.pattern
    if use is None:
        return None
    named = [each for each in patterns if each.pattern_id == use.pattern_id]
    serving = [each for each in named if version_in(each.version, use.version_range)]
    if serving:
        return max(serving, key=lambda each: (precedence(each.version) or (), each.version))
    if named:
        there = ", ".join(sorted(each.version for each in named))
        what = f"no version of the pattern serves; there are: {there}"
        raise PacketRefused((Problem("/pattern/version_range", what, "Name a range that holds one of them"),))
    known = ", ".join(sorted({each.pattern_id for each in patterns})) or "none"
    what = f"no pattern has the name {use.pattern_id!r}; there are: {known}"
    raise PacketRefused((Problem("/pattern/pattern_id", what, "Name its file with --pattern"),))


def check_pattern(pattern: Pattern) -> tuple[Problem, ...]:
    """What keeps the steps of a pattern from being an order, in the order of the places."""
    return tuple(sorted(_step_problems(pattern)))


def resolve(pattern: Pattern, packet: Packet) -> Resolved:
    """The steps as primitives. Raises PatternRefused, PacketRefused."""
    if problems := check_pattern(pattern):
        raise PatternRefused(problems)
    use = packet.pattern or PatternUse(pattern_id=pattern.pattern_id, version_range="*", arguments={})
    if problems := tuple(sorted(_argument_problems(pattern, use.arguments, packet))):
        raise PacketRefused(problems)
    if problems := tuple(sorted(_effect_problems(pattern, packet))):
        raise PatternRefused(problems)
    return Resolved(pattern, tuple(_primitive(step, pattern, use.arguments, packet) for step in pattern.steps))


def _step_problems(pattern: Pattern) -> Iterator[Problem]:
    if pattern.runtime is PatternRuntime.MAP_REDUCE:
        yield Problem("/runtime", "map-reduce is no order of waves", "Carry it out with its own runtime")
    names = [step.step for step in pattern.steps]
    known = pattern.parameters or {}
    for index, step in enumerate(pattern.steps):
        place = f"/steps/{index}"
        if step.step in names[:index]:
            yield Problem(f"{place}/step", f"the step {step.step!r} is there twice", "Give each step its own name")
        for at, other in enumerate(step.depends_on or ()):
            if other not in names:
                yield Problem(
                    f"{place}/depends_on/{at}", f"no step has the name {other!r}", "Name a step of the pattern"
                )
        for where, name in _placeholders(step):
            if name not in known:
                yield Problem(f"{place}/{where}", f"no parameter has the name {name!r}", "Declare it in `parameters`")
    found = cycle_in({step.step: tuple(step.depends_on or ()) for step in pattern.steps})
    if found:
        at = names.index(found[0])
        yield Problem(
            f"/steps/{at}/depends_on", f"the steps wait for each other: {' -> '.join(found)}", "Break the circle"
        )


def _placeholders(step: PatternStep) -> Iterator[tuple[str, str]]:
    for name in _PLACE.findall(step.goal):
        yield "goal", name
    for name in _names_in(step.input or {}):
        yield "input", name


def _names_in(value: Any) -> Iterator[str]:
    if isinstance(value, str) and (found := _PLACE.fullmatch(value)):
        yield found[1]
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _names_in(each)


def _argument_problems(pattern: Pattern, arguments: Mapping[str, Any], packet: Packet) -> Iterator[Problem]:
    known = pattern.parameters or {}
    for name in arguments:
        if name not in known:
            there = ", ".join(sorted(known)) or "none"
            yield Problem(f"/pattern/arguments/{name}", f"the pattern has no parameter {name!r}", f"There are: {there}")
    for name, parameter in known.items():
        if name not in arguments:
            if parameter.required or any(name in _PLACE.findall(step.goal) for step in pattern.steps):
                what = f"{name!r} is missing: {parameter.description}"
                yield Problem(f"/pattern/arguments/{name}", what, "Give it a value")
        elif misfit := _misfit(parameter, arguments[name], packet):
            remedy = f"It is {parameter.kind.value}: {parameter.description}"
            yield Problem(f"/pattern/arguments/{name}", misfit, remedy)


def _misfit(parameter: Parameter, value: Any, packet: Packet) -> str:
    """Why a value is not of the parameter's kind; empty where it is."""
    match parameter.kind:
        case ParameterKind.TEXT:
            return "" if isinstance(value, str) and value else "a text is asked for"
        case ParameterKind.INTEGER:
            return "" if isinstance(value, int) and not isinstance(value, bool) else "an integer is asked for"
        case ParameterKind.PATH_GLOBS:
            is_list = isinstance(value, list) and value and all(isinstance(each, str) and each for each in value)
            return "" if is_list else "a list of patterns of paths is asked for"
        case ParameterKind.CHECK:
            return "" if isinstance(value, str) and value in packet.checks else "a check of the packet is asked for"
        case ParameterKind.JSON:
            return ""


def _effect_problems(pattern: Pattern, packet: Packet) -> Iterator[Problem]:
    """Effects that a step asks for and the packet does not allow, and a skill that is known to reach farther."""
    allowed = packet.constraints.allowed_paths
    for index, step in enumerate(pattern.steps):
        effects, place = step.side_effects, f"/steps/{index}/side_effects"
        if effects is None:
            continue
        known = SKILLS.get(step.skill.skill_id)
        if known is not None and (excess := beyond(known.reach, effects)):
            what = f"the step allows {known.skill_id} less than it declares: {', '.join(excess)}"
            yield Problem(place, what, "Leave it out, and the task says what the skill declares")
        # Of a tool that may write anywhere it is the change that is held to what the packet allows.
        is_anywhere = effects.mode is SideEffectMode.DECLARED
        for at, path in enumerate(effects.paths or ()):
            if not (is_anywhere and path == ANY_PATH) and not any(covers(outer, path) for outer in allowed):
                what = f"the packet does not allow to change {path!r}"
                yield Problem(f"{place}/paths/{at}", what, "Name paths that it allows")


def _primitive(step: PatternStep, pattern: Pattern, arguments: Mapping[str, Any], packet: Packet) -> Primitive:
    effects = step.side_effects
    is_changing = step.layer is Layer.TRANSFORM if effects is None else bool(effects.paths)
    made = Primitive(
        name=f"pattern/{step.step}",
        layer=step.layer,
        target=Target(kind=step.target_kind, id=_target(step, arguments, packet)),
        action=step.action.kind,
        goal=_PLACE.sub(lambda found: _shown(arguments[found[1]]), step.goal),
        skill=step.skill,
        tool_input=_filled(step.input or {}, arguments),
        because=(f"The pattern {pattern.pattern_id} {pattern.version} has the step `{step.step}`.",),
        failure_reason_code=NO_FAILURE,
        scope=Scope.RUN,
        constraints=packet.constraints if is_changing else None,
        side_effects=effects,
    )
    return replace(made, links=Links(needs=tuple(f"pattern/{name}" for name in step.depends_on or ())))


def _target(step: PatternStep, arguments: Mapping[str, Any], packet: Packet) -> str:
    """The argument that is named like the kind of target, else the first text of the input, else the packet."""
    value = arguments.get(step.target_kind.value)
    if isinstance(value, str):
        return value
    texts = (arguments.get(name) for name in _names_in(step.input or {}))
    return next((each for each in texts if isinstance(each, str)), packet.packet_id)


def _filled(value: Any, arguments: Mapping[str, Any]) -> Any:
    """The value with its arguments; a member or item that stands for one that was not given is left out."""
    if isinstance(value, str) and (found := _PLACE.fullmatch(value)):
        return arguments[found[1]]
    if isinstance(value, dict):
        return {name: _filled(each, arguments) for name, each in value.items() if _is_given(each, arguments)}
    if isinstance(value, list):
        return [_filled(each, arguments) for each in value if _is_given(each, arguments)]
    return value


def _is_given(value: Any, arguments: Mapping[str, Any]) -> bool:
    found = _PLACE.fullmatch(value) if isinstance(value, str) else None
    return found is None or found[1] in arguments


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
