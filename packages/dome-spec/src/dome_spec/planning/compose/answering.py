"""Answers: what is done about something that fails, and for the goal. One answer after the other, each with its proof.

A chain of answers to a failure: the remedy that held before where it may be placed first, one attempt; then the answers
of the strategies in their order. Each is proved by what saw the failure, and is needless once an earlier one is proved,
or when the failure is no longer seen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from dome_contracts.schema.control.control_strategies import FailureResponse, PriorsUse
from dome_contracts.schema.planning.plan import Layer
from dome_contracts.schema.shared.definitions import ActionKind, Scope, SkillRequirement, Target, TargetKind
from dome_spec.planning.compose import instruction
from dome_spec.planning.compose.judging import Judge, looking_at, narrowed
from dome_spec.planning.compose.material import Material
from dome_spec.planning.compose.primitives import NO_FAILURE, Links, Primitive
from dome_spec.planning.compose.priors import Consulted, advice, consulted, priors_for, ranked, remedy_first
from dome_spec.planning.identity import INSTRUCTION
from dome_spec.planning.knowledge import KnownFailure, OfferedPrior
from dome_spec.planning.skills import SKILLS

_LOOKING: Final = frozenset({Layer.OBSERVE, Layer.DIAGNOSE})
TARGET: Final = "{target}"
"""Stands for the name of what failed."""


@dataclass(frozen=True, slots=True)
class Chain:
    """What is done about one thing, and what is looked at before."""

    looks: tuple[Primitive, ...]
    """Change nothing, and come before every change of the plan."""
    steps: tuple[Primitive, ...]
    """Answers and their proofs, in order."""
    ends: tuple[str, ...]
    """The last of what changes: it has succeeded when one answer has, or when none was needed."""
    consulted: tuple[Consulted, ...] = ()


def responses_to(code: str, material: Material) -> tuple[FailureResponse, ...]:
    """What the strategies answer a failure with; what they do for the goal where they name no answer."""
    responses = material.strategies.responses
    return tuple(responses.get(code) or responses.get(NO_FAILURE) or ())


def answering(failure: KnownFailure, judge: Judge, material: Material) -> Chain:
    """The chain for one known failure: a look whether it is there still, then answers."""
    code, target = failure.failure_reason_code, failure.target
    look = looking_at(judge, target, code)
    responses = responses_to(code, material)
    priors = priors_for(target, code, material)
    base = _Base(target, code, material, narrowed(judge, target), (*look.links.unless, look.name))
    placed = remedy_first(priors, material.mode)
    remedy = _remedied(base, placed) if placed is not None else ()
    # What is placed first has no say in what comes after it, once it has not held.
    heard = tuple(each for each in priors if each is not placed)
    answers = base.answers(responses, heard, material.mode, remedy=remedy)
    plain, told = (
        [each.tool_input for each in base.answers(responses, heard, mode, remedy=remedy) if each.changes]
        for mode in (PriorsUse.SHADOW, PriorsUse.GUIDED)
    )
    first = answers[0].name if answers and plain != told else None
    came_of = consulted(priors, material.mode, placed=placed, remedy=base.name("remedy"), answer=first)
    writers = [each.name for each in (*remedy, *answers) if each.changes]
    steps = (look, *remedy, *answers) if writers else ()
    return Chain(base.looks(responses), steps, tuple(writers[-1:]), came_of)


def working(text: str, material: Material) -> Chain:
    """The chain for the goal: what the strategies answer `NONE` with. Nothing proves it but what judges in the end."""
    responses = _changing(material.strategies.responses.get(NO_FAILURE) or ())
    target = Target(kind=TargetKind.COMPONENT, id=material.packet.packet_id)
    steps: list[Primitive] = []
    for number, response in enumerate(ranked(responses, (), material.strategies), 1):
        step = _answer(
            response, target, NO_FAILURE, material, name=f"goal/{number}", text=text,
            goal=material.packet.goal, because=f"The strategies work for a goal with `{response.skill.skill_id}`.",
        )  # fmt: skip
        earlier = tuple(each.name for each in steps)
        steps.append(replace(step, scope=Scope.RUN, links=Links(unless=earlier)))
    return Chain((), tuple(steps), tuple(each.name for each in steps[-1:]))


@dataclass(frozen=True, slots=True)
class _Base:
    """What all answers to one failure share."""

    target: Target
    code: str
    material: Material
    judge: Judge
    held: tuple[str, ...]
    """Looks that find that it does not fail."""

    def name(self, part: str) -> str:
        return f"{part}/{self.target.kind.value}:{self.target.id}#{self.code}"

    def looks(self, responses: Sequence[FailureResponse]) -> tuple[Primitive, ...]:
        """Answers that look and change nothing."""
        found = []
        for number, each in enumerate(responses, 1):
            if each.layer in _LOOKING:
                words = f"More is known of why `{self.target.id}` fails."
                found.append(self._step(each, self.name(f"look-{number}"), words, text=""))
        return tuple(replace(each, constraints=None, failure_reason_code=NO_FAILURE) for each in found)

    def answers(
        self,
        responses: Sequence[FailureResponse],
        priors: Sequence[OfferedPrior],
        mode: PriorsUse,
        *,
        remedy: Sequence[Primitive],
    ) -> tuple[Primitive, ...]:
        """The answers of the strategies, each with its proof; one that does what the remedy did comes last."""
        heard = priors if mode is not PriorsUse.SHADOW else ()
        text = instruction.for_failure(self.target, self.code, self.material, advice(priors, mode))
        proofs = tuple(each.name for each in remedy[1:])
        steps: list[Primitive] = []
        order = ranked(_changing(responses), heard, self.material.strategies)
        for number, each in enumerate(sorted(order, key=lambda response: self._repeats(response, remedy)), 1):
            unless = (*self.held, *proofs)
            goal = f"`{self.target.id}` no longer fails ({self.code})."
            step = self._step(each, self.name(f"answer-{number}"), goal, text=text)
            step = replace(step, links=Links(unless=unless), attempts_max=each.attempts_max)
            proof = self.proof(step, f"proof-{number}", f"answer {number} to {self.code} ({each.skill.skill_id})")
            steps += (step, proof)
            proofs = (*proofs, proof.name)
        return tuple(steps)

    def _repeats(self, response: FailureResponse, remedy: Sequence[Primitive]) -> bool:
        """Whether the answer is what the remedy was. It is kept: the remedy may have been refused, or lost."""
        text = instruction.for_failure(self.target, self.code, self.material, ())
        told = _filled(response.input or {}, self.target, text)
        return any(each.skill.skill_id == response.skill.skill_id and each.tool_input == told for each in remedy[:1])

    def _step(self, response: FailureResponse, name: str, goal: str, *, text: str) -> Primitive:
        because = f"`{self.target.id}` is known to fail; the strategies answer {self.code} so."
        return _answer(
            response, self.target, self.code, self.material, name=name, text=text, goal=goal, because=because
        )

    def proof(self, step: Primitive, part: str, words: str) -> Primitive:
        """What shows whether an answer held."""
        return Primitive(
            name=self.name(part),
            layer=Layer.VERIFY,
            target=self.target,
            action=ActionKind.VALIDATE,
            goal=f"`{self.target.id}` holds after {words}.",
            skill=self.judge.skill,
            side_effects=self.judge.side_effects,
            tool_input=self.judge.tool_input,
            because=(f"It shows whether {words} held. A worker's own word for it does not count.",),
            links=Links(needs=(step.name,), unless=step.links.unless, proves=step.name),
        )


def _remedied(base: _Base, prior: OfferedPrior) -> tuple[Primitive, ...]:
    """The remedy that held before, one attempt, and its proof."""
    template = prior.remedy
    if template is None:
        raise ValueError("a remedy of which nothing is kept cannot be placed")
    text = instruction.for_failure(base.target, base.code, base.material, ())
    held = prior.capsule
    same = [each for each in responses_to(base.code, base.material) if each.skill == template.requires.skill]
    step = Primitive(
        name=base.name("remedy"),
        layer=Layer.TRANSFORM,
        target=base.target,
        action=template.action.kind,
        goal=f"`{base.target.id}` no longer fails ({base.code}), by what mended it before.",
        skill=template.requires.skill,
        tool_input=_filled(_with_words(template.requires.skill, template.input), base.target, text),
        because=(
            f"It held {held.support_count} times and failed after that {held.contradiction_count} times.",
            "The prior is prescriptive: one attempt, then the ordinary plan.",
        ),
        failure_reason_code=base.code,
        constraints=base.material.packet.constraints,
        side_effects=same[0].side_effects if same else None,
        attempts_max=1,
        links=Links(unless=base.held),
    )
    return (step, base.proof(step, "remedy-proof", f"the remedy for {base.code} ({step.skill.skill_id})"))


def _answer(
    response: FailureResponse,
    target: Target,
    code: str,
    material: Material,
    *,
    name: str,
    text: str,
    goal: str,
    because: str,
) -> Primitive:
    """One answer of the strategies."""
    return Primitive(
        name=name,
        layer=response.layer,
        target=target,
        action=response.action.kind,
        goal=goal,
        skill=response.skill,
        tool_input=_filled(response.input or {}, target, text),
        because=(because,),
        failure_reason_code=code,
        constraints=material.packet.constraints,
        side_effects=response.side_effects,
        attempts_max=response.attempts_max,
    )


def _changing(responses: Sequence[FailureResponse]) -> tuple[FailureResponse, ...]:
    """Answers that change something, each once: the same once more is what attempts are for."""
    changing = [each for each in responses if each.layer not in _LOOKING]
    return tuple(each for index, each in enumerate(changing) if each not in changing[:index])


def _with_words(skill: SkillRequirement, tool_input: Mapping[str, Any]) -> dict[str, Any]:
    """The input of a template: the words in it were another packet's."""
    words = SKILLS[skill.skill_id].instruction_field if skill.skill_id in SKILLS else None
    return {name: INSTRUCTION if name == words else each for name, each in tool_input.items()}


def _filled(value: Mapping[str, Any], target: Target, text: str) -> dict[str, Any]:
    """The input with what its placeholders stand for."""

    def fill(each: Any) -> Any:
        if isinstance(each, str):
            return {TARGET: target.id, INSTRUCTION: text}.get(each, each)
        if isinstance(each, list):
            return [fill(part) for part in each]
        return {name: fill(part) for name, part in each.items()} if isinstance(each, dict) else each

    return {name: fill(each) for name, each in value.items()}
