"""What judges the work: the packet's checks, and the repository's own suites where the change may turn them red.

Each is run twice: before anything is changed, to know where the work begins, and in the end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from dome_contracts.schema.planning.packet import Criterion, EvidenceRequirement, Packet
from dome_contracts.schema.planning.plan import Layer
from dome_contracts.schema.shared.definitions import ActionKind, SideEffects, SkillRequirement, Target
from dome_spec.planning.compose.material import Material
from dome_spec.planning.compose.primitives import Links, Primitive, requirement
from dome_spec.planning.compose.targets import NARROWING, is_wider, reaches, target_of
from dome_spec.planning.evidence import OF_THE_CHANGE, shown_by
from dome_spec.planning.repository import Suite

_ASKED: Final = "Evidence that is required comes from it."


@dataclass(frozen=True, slots=True)
class Judge:
    """Something that can be run, and says whether something holds."""

    name: str
    """`check:NAME` of the packet, or `suite:NAME` of the repository."""
    skill: SkillRequirement
    tool_input: Mapping[str, Any]
    criteria: tuple[Criterion, ...]
    """What it decides in the end."""
    evidence: tuple[EvidenceRequirement, ...]
    because: str
    side_effects: SideEffects | None = None
    """How far its skill may reach, where the packet says so."""

    @property
    def target(self) -> Target:
        """What it says something about."""
        return target_of(self.skill.skill_id, self.tool_input)

    @property
    def words(self) -> str:
        """What is known when it has been run."""
        kind, _, name = self.name.partition(":")
        return f"the check `{name}`" if kind == "check" else f"the repository's own suite `{name}`"

    def sees(self, target: Target) -> bool:
        """Whether it would see the target fail."""
        return reaches(self.skill.skill_id, self.tool_input, target)


def judges(material: Material, *, is_changing: bool) -> tuple[Judge, ...]:
    """The checks in use, by name, then the suites that no check repeats, then what has to show required evidence."""
    checks = _checks(material.packet)
    suites = [each for each in _suites(material) if not any(_repeats(check, each) for check in checks)]
    found = (*checks, *(suites if is_changing else ()))
    return (*found, *_sources(material, found))


def _sources(material: Material, found: Sequence[Judge]) -> tuple[Judge, ...]:
    """Judges of required evidence that none of those found shows: checks that nothing else uses, else suites."""
    packet = material.packet
    shown = {asked.kind for judge in found for asked in judge.evidence}
    spare = [
        *(
            _check(name, packet)
            for name in sorted(packet.checks)
            if f"check:{name}" not in {each.name for each in found}
        ),
        *(_suite(each, f"{each.because} {_ASKED}", packet) for each in material.repository.suites),
    ]
    added: list[Judge] = []
    for kind in sorted({each.kind for each in packet.required_evidence if each.check is None} - shown):
        added += [each for each in spare if kind in {asked.kind for asked in each.evidence}][:1]
    return tuple(added)


def _repeats(check: Judge, suite: Judge) -> bool:
    """Whether the check runs all that the suite runs."""
    if check.skill.skill_id != suite.skill.skill_id:
        return False
    return is_wider(check.skill.skill_id, check.tool_input, suite.tool_input)


def _checks(packet: Packet) -> tuple[Judge, ...]:
    """Checks that a criterion or a required piece of evidence names."""
    named = {each.check for each in packet.criteria} | {each.check for each in packet.required_evidence}
    return tuple(_check(name, packet) for name in sorted(packet.checks) if name in named)


def _check(name: str, packet: Packet) -> Judge:
    check = packet.checks[name]
    criteria = tuple(each for each in packet.criteria if each.check == name)
    asked = tuple(each for each in packet.required_evidence if each.check == name)
    ids = ", ".join(each.criterion_id for each in criteria)
    because = f"It decides {ids}." if criteria else _ASKED
    evidence = (*asked, *_evidence_of(check.skill.skill_id, packet))
    return Judge(f"check:{name}", check.skill, check.input, criteria, _once(evidence), because, check.side_effects)


def _suites(material: Material) -> list[Judge]:
    found = []
    for suite in material.repository.suites:
        reached = [path for path in material.touchable if not suite.root or path.startswith(f"{suite.root}/")]
        languages = suite.languages & set(material.repository.languages_of(reached))
        if reached and (languages or not suite.languages):
            words = f"The change may touch {', '.join(sorted(languages))}." if languages else "The change may reach it."
            found.append(_suite(suite, f"{suite.because} {words}", material.packet))
    return found


def _suite(suite: Suite, because: str, packet: Packet) -> Judge:
    requires, evidence = requirement(suite.skill), _evidence_of(suite.skill.skill_id, packet)
    return Judge(f"suite:{suite.name}", requires, suite.tool_input, (), _once(evidence), because)


def _evidence_of(skill_id: str, packet: Packet) -> tuple[EvidenceRequirement, ...]:
    """What the packet asks for from any source, as far as the skill's outcome shows it and the change does not."""
    kind = shown_by(skill_id)
    wanted = kind not in OF_THE_CHANGE
    return tuple(each for each in packet.required_evidence if wanted and each.check is None and each.kind == kind)


def _once(evidence: Sequence[EvidenceRequirement]) -> tuple[EvidenceRequirement, ...]:
    return tuple(each for index, each in enumerate(evidence) if each not in evidence[:index])


def observed_by(judge: Judge) -> str:
    """Name of the look at where the work begins."""
    return f"observe/{judge.name}"


def observing(judge: Judge) -> Primitive:
    """Where the work begins, by this judge. It may fail: then this is known."""
    return Primitive(
        name=observed_by(judge),
        layer=Layer.OBSERVE,
        target=judge.target,
        action=ActionKind.OBSERVE,
        goal=f"It is known how {judge.words} comes out before anything is changed.",
        skill=judge.skill,
        side_effects=judge.side_effects,
        tool_input=judge.tool_input,
        because=(judge.because, "The end is compared with the beginning."),
    )


def verifying(judge: Judge, links: Links) -> Primitive:
    """What decides in the end."""
    statements = "; ".join(each.statement.rstrip(".") for each in judge.criteria)
    return Primitive(
        name=f"verify/{judge.name}",
        layer=Layer.VERIFY,
        target=judge.target,
        action=ActionKind.VALIDATE,
        goal=f"{statements}." if statements else f"Nothing is broken, as far as {judge.words} can see.",
        skill=judge.skill,
        side_effects=judge.side_effects,
        tool_input=judge.tool_input,
        because=(judge.because,),
        criteria=judge.criteria,
        evidence=judge.evidence,
        gates=_gates(judge),
        links=links,
    )


def _gates(judge: Judge) -> tuple[str, ...]:
    """Who judges its outcome. A suite is looked at by people who want to, and by a gate where evidence is asked for."""
    kind, _, name = judge.name.partition(":")
    if kind == "check":
        return (name.replace("_", "-"),)
    return tuple(sorted({each.kind.value.replace("_", "-") for each in judge.evidence}))


def narrowed(judge: Judge, target: Target) -> Judge:
    """The same judge, looking at one target alone."""
    if judge.target == target:
        return replace(judge, criteria=(), evidence=())
    rest = {name: each for name, each in judge.tool_input.items() if name not in NARROWING}
    return replace(judge, tool_input={**rest, "paths": [target.id]}, criteria=(), evidence=())


def looking_at(judge: Judge, target: Target, failure_reason_code: str) -> Primitive:
    """Whether one target fails still when its turn has come: what was done before may have mended it."""
    return Primitive(
        name=f"look/{target.kind.value}:{target.id}#{failure_reason_code}",
        layer=Layer.OBSERVE,
        target=target,
        action=ActionKind.OBSERVE,
        goal=f"It is known whether `{target.id}` fails still ({failure_reason_code}), and how.",
        skill=judge.skill,
        side_effects=judge.side_effects,
        tool_input=narrowed(judge, target).tool_input,
        because=(f"`{target.id}` is known to fail; where it holds by now, nothing is done about it.",),
        links=Links(unless=(observed_by(judge),) if judge.target == target else ()),
    )
