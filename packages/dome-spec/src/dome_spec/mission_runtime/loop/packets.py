"""Work packages as packets: what the planner is given so that tasks come of a package. Pure.

A packet is named after its mission and package, so that plans, runs and what they teach are found again by it.
"""

from collections.abc import Mapping

from dome_contracts.schema.missions.work_package import PackageReach, WorkPackage
from dome_contracts.schema.planning.packet import Packet
from dome_spec.kernel import MissionName, read_document, resolve_mission_read_path
from dome_spec.missions.status import Standing
from dome_spec.planning import RepositoryFacts, Wanted, packet_of

_LINE_CHARACTERS_MAX = 240
_EVERYTHING = ("**",)


def packet_name(slug: str, package: str) -> str:
    """How the packet of a work package is named."""
    return f"{slug[:56].rstrip('-')}-{package.lower()}"


def package_packet(standing: Standing, package: str, *, base: Mapping[str, str], facts: RepositoryFacts) -> Packet:
    """The packet of a package. What tests the repository judges it, and where nothing does, a person by requirement.

    The files that the package owns bound the change.
    `base` says repository, reference and commit at which the work starts. Raises PackageUnknown, PacketRefused,
    DocumentInvalid.
    """
    standing.package(package)
    mission, document = standing.mission, standing.packages[package]
    served = {each.id: each.text for each in mission.requirements if each.id in document.requirements}
    wanted = Wanted(
        goal=_line(document.goal),
        packet_id=packet_name(mission.slug, package),
        why=mission.purpose.summary,
        what="\n".join((document.goal, *(f"{name}: {text}" for name, text in served.items()))),
        criteria=() if facts.suites else [_line(f"{name}: {text}") for name, text in served.items()],
        allowed_paths=_allowed(document),
        forbidden_paths=[f"{resolve_mission_read_path(MissionName(mission.mission_id, mission.slug))}/**"],
    )
    value = packet_of(wanted, facts, base).to_value()
    profile = None if document.recommendation is None else document.recommendation.profile_ref
    more = {"mission_id": mission.mission_id, "work_package_id": package}
    return read_document(Packet, {**value, **more, **({} if profile is None else {"profile": profile})})


def _allowed(package: WorkPackage) -> tuple[str, ...]:
    if package.reach is PackageReach.REPOSITORY or not package.owned_files:
        return _EVERYTHING
    return tuple(package.owned_files)


def _line(text: str) -> str:
    """The text as one line of bounded length."""
    line = " ".join(text.split())
    return line if len(line) <= _LINE_CHARACTERS_MAX else f"{line[: _LINE_CHARACTERS_MAX - 3]}..."
