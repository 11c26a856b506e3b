"""What judges the work: the packet's checks, and the repository's own suites where the change may turn them red.

Each is run twice: before anything is changed, to know where the work begins, and in the end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dome_contracts.schema.planning.packet import Criterion, EvidenceRequirement, Packet
from dome_contracts.schema.planning.plan import Layer
from dome_contracts.schema.shared.definitions import ActionKind, SkillRequirement, Target
from dome_spec.planning.compose.material import Material
from dome_spec.planning.compose.primitives import Links, Primitive, requirement
from dome_spec.planning.compose.targets import NARROWING, is_wider, reaches, target_of
from dome_spec.planning.skills import SKILLS


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
    """The checks in use, by name, then the suites that no check repeats."""
    checks = _checks(material.packet)
    suites = [each for each in _suites(material) if not any(_repeats(check, each) for check in checks)]
    return (*checks, *(suites if is_changing else ()))


def _repeats(check: Judge, suite: Judge) -> bool:
    """Whether the check runs all that the suite runs."""
    if check.skill.skill_id != suite.skill.skill_id:
        return False
    return is_wider(check.skill.skill_id, check.tool_input, suite.tool_input)


def _checks(packet: Packet) -> tuple[Judge, ...]:
    """Checks that a criterion or a required piece of evidence names."""
    found = []
    for name in sorted(packet.checks):
        check = packet.checks[name]
        criteria = tuple(each for each in packet.criteria if each.check == name)
        asked = tuple(each for each in packet.required_evidence if each.check == name)
        if criteria or asked:
            ids = ", ".join(each.criterion_id for each in criteria)
            because = f"It decides {ids}." if criteria else "Evidence that is required comes from it."
            evidence = (*asked, *_evidence_of(check.skill.skill_id, packet))
            found.append(Judge(f"check:{name}", check.skill, check.input, criteria, _once(evidence), because))
    return tuple(found)


def _suites(material: Material) -> list[Judge]:
    found = []
    for suite in material.repository.suites:
        reached = [path for path in material.touchable if not suite.root or path.startswith(f"{suite.root}/")]
        languages = suite.languages & set(material.repository.languages_of(reached))
        if reached and (languages or not suite.languages):
            words = f"The change may touch {', '.join(sorted(languages))}." if languages else "The change may reach it."
            because = f"{suite.because} {words}"
            evidence = _evidence_of(suite.skill.skill_id, material.packet)
            requires = requirement(suite.skill)
            found.append(Judge(f"suite:{suite.name}", requires, suite.tool_input, (), evidence, because))
    return found


def _evidence_of(skill_id: str, packet: Packet) -> tuple[EvidenceRequirement, ...]:
    """What the packet asks for from any source, as far as the skill's outcome shows it."""
    kind = SKILLS[skill_id].evidence if skill_id in SKILLS else None
    return tuple(each for each in packet.required_evidence if each.check is None and each.kind == kind)


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
        tool_input=judge.tool_input,
        because=(judge.because,),
        criteria=judge.criteria,
        evidence=judge.evidence,
        gates=(judge.name.partition(":")[2].replace("_", "-"),) if judge.name.startswith("check:") else (),
        links=links,
    )


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
        tool_input=narrowed(judge, target).tool_input,
        because=(f"`{target.id}` is known to fail; where it holds by now, nothing is done about it.",),
        links=Links(unless=(observed_by(judge),) if judge.target == target else ()),
    )
