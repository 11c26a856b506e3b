"""Which kinds of evidence a plan leaves behind, and by which of its tasks. Says so of one requirement at a time. Pure.

A gate looks for required evidence among what the attempt at its task left behind. So a requirement that no task can
meet is a packet that is never promoted: it is told before anything is planned.
"""

from collections.abc import Collection
from typing import Final

from dome_contracts.schema.planning.packet import EvidenceRequirement, Packet
from dome_contracts.schema.shared.definitions import EvidenceKind
from dome_spec.planning.refusals import Problem
from dome_spec.planning.repository import RepositoryFacts
from dome_spec.planning.skills import SKILLS

OF_THE_CHANGE: Final = frozenset({EvidenceKind.DIFF, EvidenceKind.REVIEW, EvidenceKind.RESULT, EvidenceKind.PROVENANCE})
"""What the task that records the change leaves behind, and a review: there it is asked for, of a person."""
_HERE: Final = (
    "A plan shows `diff`, `provenance` and `result` by the task that records the change, and asks a person for a "
    "`review` there; by a check it shows `test_report` where its skill is repo.test, and `result` where it is another"
)
_ELSEWHERE: Final = {
    EvidenceKind.STANDARD_REPORT: "`dome standard check` writes standard reports, and guards ask for them",
    EvidenceKind.BUILD_LOG: "a job that wrote something leaves one behind, and nobody knows before whether it will",
    EvidenceKind.REFUSAL: "it is left behind where nothing was executed",
    EvidenceKind.TELEMETRY: "it is left behind where nobody can be asked what was executed",
}


def shown_by(skill_id: str) -> EvidenceKind:
    """What the result of a skill shows."""
    known = SKILLS.get(skill_id)
    return (known.evidence if known is not None else None) or EvidenceKind.RESULT


def misfit(index: int, asked: EvidenceRequirement, packet: Packet, facts: RepositoryFacts | None) -> Problem | None:
    """Why no task can meet the requirement at this place; None where one can, or where only facts can say."""
    place = f"/required_evidence/{index}"
    if (asked.count_min or 1) > 1:
        what = f"{asked.count_min} pieces of {asked.kind.value} are asked for, and one attempt leaves one behind"
        return Problem(f"{place}/count_min", what, "Leave it out")
    if asked.check is not None:
        return _misfit_of_check(place, asked, asked.check, packet)
    if asked.kind in OF_THE_CHANGE:
        return None
    if asked.kind not in {each.evidence for each in SKILLS.values()}:
        return Problem(place, *_unknown(asked.kind, packet))
    skills = {each.skill.skill_id for each in packet.checks.values()}
    if facts is None or asked.kind in _shown(skills | {each.skill.skill_id for each in facts.suites}):
        return None
    what = f"no check of the packet and no suite of the repository leaves a {asked.kind.value} behind"
    return Problem(place, what, f"Add a check with {_skills_for(asked.kind)}. {_HERE}")


def _misfit_of_check(place: str, asked: EvidenceRequirement, name: str, packet: Packet) -> Problem | None:
    """A check that the packet has. One that it has not is told of elsewhere."""
    if name not in packet.checks or asked.kind is EvidenceKind.REVIEW:
        return None
    skill_id = packet.checks[name].skill.skill_id
    shown = shown_by(skill_id)
    if asked.kind is shown:
        return None
    what = f"the check {name!r} leaves a {shown.value} behind ({skill_id}), and no {asked.kind.value}"
    if asked.kind in OF_THE_CHANGE:
        return Problem(place, what, "Leave `check` out: the task that records the change shows it")
    return Problem(place, what, f"Ask it for a {shown.value}. {_HERE}")


def _unknown(kind: EvidenceKind, packet: Packet) -> tuple[str, str]:
    told = f": {_ELSEWHERE[kind]}" if kind in _ELSEWHERE else ""
    checks = ", ".join(sorted(packet.checks))
    return f"no task leaves a {kind.value} behind{told}", f"{_HERE}. The packet has the checks: {checks}"


def _shown(skill_ids: Collection[str]) -> frozenset[EvidenceKind]:
    return frozenset(map(shown_by, skill_ids))


def _skills_for(kind: EvidenceKind) -> str:
    return " or ".join(sorted(each.skill_id for each in SKILLS.values() if each.evidence is kind))
