"""A primitive: one thing to be done, by name, before it is a TaskSpec. And what makes one of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from dome_contracts.schema.planning.packet import ChangeConstraints, Criterion, EvidenceRequirement
from dome_contracts.schema.planning.plan import Layer
from dome_contracts.schema.planning.task_spec import TaskSpec
from dome_contracts.schema.shared.definitions import (
    ActionKind,
    Scope,
    SideEffectMode,
    SideEffects,
    SkillRequirement,
    Target,
)
from dome_spec.planning.skills import SKILLS, Skill

LINE_CHARACTERS_MAX: Final = 240
NO_FAILURE: Final = "NONE"
LAYERS: Final = tuple(Layer)
"""The layers, in the order in which they build on each other."""


@dataclass(frozen=True, slots=True)
class Links:
    """What a primitive waits for, by the names of other primitives."""

    needs: tuple[str, ...] = ()
    """Have to succeed."""
    after: tuple[str, ...] = ()
    """Have to be over."""
    unless: tuple[str, ...] = ()
    """Make it needless when one of them succeeds."""
    proves: str | None = None
    """Its success shows the success of this one."""

    @property
    def names(self) -> tuple[str, ...]:
        """All that it waits for."""
        return (*self.needs, *self.after, *self.unless)


@dataclass(frozen=True, slots=True)
class Primitive:
    """One thing to be done."""

    name: str
    """What the others call it, within one plan."""
    layer: Layer
    target: Target
    action: ActionKind
    goal: str
    skill: SkillRequirement
    tool_input: Mapping[str, Any]
    because: tuple[str, ...]
    failure_reason_code: str = NO_FAILURE
    """The failure that it addresses."""
    scope: Scope = Scope.REPO
    criteria: tuple[Criterion, ...] = ()
    constraints: ChangeConstraints | None = None
    """What it may change; None for one that only looks."""
    bounds: ChangeConstraints | None = None
    """What a change may touch that it shows and has not made: a gate holds it to that."""
    side_effects: SideEffects | None = None
    """How far its skill may reach. Left out: what its skill and its constraints say."""
    evidence: tuple[EvidenceRequirement, ...] = ()
    gates: tuple[str, ...] = ()
    attempts_max: int | None = None
    links: Links = field(default_factory=Links)

    @property
    def changes(self) -> bool:
        """Whether it may change the working tree, so that nothing else may look at it meanwhile."""
        return self.constraints is not None


def requirement(skill: Skill) -> SkillRequirement:
    """The skill in a version that serves."""
    return SkillRequirement(skill_id=skill.skill_id, version_range=skill.version_range)


def line(text: str) -> str:
    """The text as one line that a document takes."""
    flat = " ".join(text.split()) or text
    return flat if len(flat) <= LINE_CHARACTERS_MAX else f"{flat[: LINE_CHARACTERS_MAX - 3]}..."


def spec_of(primitive: Primitive) -> TaskSpec:
    """The TaskSpec of a primitive. The same primitive gives the same bytes, whatever it is called in its plan."""
    value: dict[str, Any] = {
        "schema_version": "1",
        "scope": primitive.scope.value,
        "target": primitive.target.to_value(),
        "action": {"kind": primitive.action.value},
        "failure_reason_code": primitive.failure_reason_code,
        "goal": line(primitive.goal),
        "acceptance_criteria": [each.to_value() for each in primitive.criteria],
        "side_effects": _side_effects(primitive).to_value(),
        "requires": _requires(primitive.skill),
        "input": dict(primitive.tool_input),
    }
    if (bounds := primitive.constraints or primitive.bounds) is not None:
        value["constraints"] = bounds.to_value()
    if primitive.evidence:
        value["required_evidence"] = [each.to_value() for each in primitive.evidence]
    if primitive.gates:
        value["gates"] = list(primitive.gates)
    return TaskSpec.from_value(value)


def _side_effects(primitive: Primitive) -> SideEffects:
    """What was said; else what its skill declares; of a skill that is not known, no more than the work needs."""
    if primitive.side_effects is not None:
        return primitive.side_effects
    if (known := SKILLS.get(primitive.skill.skill_id)) is not None:
        return known.side_effects
    if primitive.constraints is None:
        return SideEffects(mode=SideEffectMode.SCRATCH)
    return SideEffects(mode=SideEffectMode.REPOSITORY, paths=list(primitive.constraints.allowed_paths))


def _requires(skill: SkillRequirement) -> dict[str, Any]:
    known = SKILLS.get(skill.skill_id)
    effects = {"effects": known.effects} if known else {}
    return {"skill": skill.to_value(), **effects}
