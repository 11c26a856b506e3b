"""Whether a packet says what can be planned, beyond what its schema can ask: names that lead somewhere."""

from collections.abc import Iterator

from dome_contracts.schema.planning.packet import Packet
from dome_spec.planning.checking.paths import packet_paths
from dome_spec.planning.evidence import misfit
from dome_spec.planning.globs import covers
from dome_spec.planning.reach import beyond
from dome_spec.planning.refusals import Problem
from dome_spec.planning.repository import RepositoryFacts
from dome_spec.planning.skills import SKILLS


def check_packet(packet: Packet, repository: RepositoryFacts | None = None) -> tuple[Problem, ...]:
    """What is wrong, in the order of the places; empty where nothing is. With facts, also where the work starts."""
    problems = [
        *_criteria(packet),
        *_evidence(packet, repository),
        *_reach(packet),
        *packet_paths(packet),
        *_paths(packet),
    ]
    if repository is not None and packet.repository.base_commit != repository.commit_id:
        what = f"the facts are those of {repository.commit_id[:12]}, the packet starts from another commit"
        problems.append(Problem("/repository/base_commit", what, "Read the facts of the commit that the packet names"))
    return tuple(sorted(problems))


def _criteria(packet: Packet) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, criterion in enumerate(packet.criteria):
        place = f"/criteria/{index}"
        if criterion.criterion_id in seen:
            what = f"{criterion.criterion_id} is there twice"
            yield Problem(f"{place}/criterion_id", what, "Give each criterion its own id")
        seen.add(criterion.criterion_id)
        if criterion.check is not None and criterion.check not in packet.checks:
            yield _unknown_check(f"{place}/check", criterion.check, packet)


def _evidence(packet: Packet, repository: RepositoryFacts | None) -> Iterator[Problem]:
    for index, each in enumerate(packet.required_evidence):
        if each.check is not None and each.check not in packet.checks:
            yield _unknown_check(f"/required_evidence/{index}/check", each.check, packet)
        elif (problem := misfit(index, each, packet, repository)) is not None:
            yield problem


def _reach(packet: Packet) -> Iterator[Problem]:
    """Checks that allow a skill less than it is known to declare: nobody would execute them."""
    for name, check in packet.checks.items():
        known = SKILLS.get(check.skill.skill_id)
        if known is None or check.side_effects is None:
            continue
        if excess := beyond(known.reach, check.side_effects):
            what = f"the check allows {known.skill_id} less than it declares: {', '.join(excess)}"
            yield Problem(f"/checks/{name}/side_effects", what, "Leave it out, and the task says what it declares")


def _unknown_check(place: str, name: str, packet: Packet) -> Problem:
    known = ", ".join(sorted(packet.checks))
    return Problem(
        place, f"the packet has no check {name!r}; it has: {known}", "Name one of its checks, or leave it out"
    )


def _paths(packet: Packet) -> Iterator[Problem]:
    """Patterns that forbid all that another one allows: then nothing may be changed there."""
    forbidden = packet.constraints.forbidden_paths or []
    for index, allowed in enumerate(packet.constraints.allowed_paths):
        for each in forbidden:
            if covers(each, allowed):
                what = f"{allowed!r} is allowed, and {each!r} forbids all of it"
                yield Problem(f"/constraints/allowed_paths/{index}", what, "Drop one of the two")
