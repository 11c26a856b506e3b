"""Finalisation: whether the packages of a mission fit together, and what they are then. Pure.

All problems are found, not only the first. Finalising what was finalised gives the same documents again, and nothing is
written here: a trial run and the real one are the same decision.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dome_contracts.schema.missions.mission import Mission, Priority
from dome_contracts.schema.missions.work_package import WorkPackage
from dome_spec.governance import common_path
from dome_spec.kernel import resolve_mission_read_path
from dome_spec.kernel.mission_identity import MissionName
from dome_spec.missions.dependencies import ancestors, cycle, order
from dome_spec.missions.ownership import is_concurrent, is_literal, overlaps, scope, unmatched
from dome_spec.missions.refusals import FinalizeRefused, Problem
from dome_spec.missions.tracks import track_edges, tracks


@dataclass(frozen=True, slots=True, kw_only=True)
class Finalized:
    """What finalisation decided."""

    packages: tuple[WorkPackage, ...]
    """The documents, with their tracks, each after those that it waits for."""
    track_edges: Mapping[str, frozenset[str]]
    """Which tracks each track waits for."""
    warnings: tuple[Problem, ...]
    """What a person should look at, and what does not stop it."""


def finalize(
    mission: Mission, packages: Sequence[WorkPackage], *, paths: Collection[str], profiles: Collection[str]
) -> Finalized:
    """The packages as they are fixed. Raises FinalizeRefused with every problem.

    `paths` are the files of the commit that the mission builds on, `profiles` the active agent profiles.
    """
    problems = [*_duplicates(packages), *_dependencies(packages), *_requirements(mission, packages)]
    warnings: list[Problem] = []
    if not problems:
        problems += [*_ownership(mission, packages), *_unknown_profiles(packages, profiles)]
        for problem, is_grave in _unmatched(packages, paths):
            (problems if is_grave else warnings).append(problem)
    if problems:
        raise FinalizeRefused(tuple(sorted(problems)))
    assigned = tracks(packages)
    by_id = {each.work_package_id: each for each in packages}
    edges = {name: package.dependencies for name, package in by_id.items()}
    return Finalized(
        packages=tuple(_fixed(by_id[name], assigned.get(name)) for name in order(edges)),
        track_edges=track_edges(packages, assigned),
        warnings=tuple(sorted(warnings)),
    )


def _fixed(package: WorkPackage, track: str | None) -> WorkPackage:
    value: dict[str, Any] = {**package.to_value(), "track": track}
    return WorkPackage.from_value({name: each for name, each in value.items() if each is not None})


def _duplicates(packages: Sequence[WorkPackage]) -> Iterator[Problem]:
    ids = [each.work_package_id for each in packages]
    if not ids:
        yield Problem("NO_PACKAGES", (), "there is no package", "Write one to `packages/WP01.md` of the mission")
    for name in sorted({each for each in ids if ids.count(each) > 1}):
        yield Problem("PACKAGE_TWICE", (name,), f"{name} is there twice", "Rename one of the files")
    tasks = [(task.id, each.work_package_id) for each in packages for task in each.subtasks]
    for name in sorted({task for task, _ in tasks if sum(task == other for other, _ in tasks) > 1}):
        owners = tuple(sorted({package for task, package in tasks if task == name}))
        yield Problem("SUBTASK_TWICE", (name, *owners), f"subtask {name} is there twice", "Give each an id of its own")


def _dependencies(packages: Sequence[WorkPackage]) -> Iterator[Problem]:
    edges = {each.work_package_id: each.dependencies for each in packages}
    is_whole = True
    for name, waits_for in sorted(edges.items()):
        for unknown in sorted(set(waits_for) - set(edges)):
            is_whole = False
            text = f"{name} waits for {unknown}, which is not there"
            yield Problem("DEPENDENCY_UNKNOWN", (name, unknown), text, "Mend `dependencies`")
    way = cycle(edges) if is_whole else ()
    if way:
        text = f"packages wait for each other: {' -> '.join(way)}"
        yield Problem("DEPENDENCY_CYCLE", way, text, "Take one of these dependencies out")


def _requirements(mission: Mission, packages: Sequence[WorkPackage]) -> Iterator[Problem]:
    """Both ways: every reference is known, and every requirement that is not free is served."""
    known = {each.id for each in mission.requirements}
    for package in packages:
        for unknown in sorted(set(package.requirements) - known):
            text = f"{package.work_package_id} serves {unknown}, which the mission does not ask for"
            hint = "Mend `requirements` of the package, or add it to the mission"
            yield Problem("REQUIREMENT_UNKNOWN", (package.work_package_id, unknown), text, hint)
    served = {each for package in packages for each in package.requirements}
    asked = (each.id for each in mission.requirements if each.priority is not Priority.COULD)
    for missing in sorted(set(asked) - served):
        text = f"no package serves {missing}"
        yield Problem("REQUIREMENT_UNSERVED", (missing,), text, "Name it in `requirements` of a package")


def _ownership(mission: Mission, packages: Sequence[WorkPackage]) -> Iterator[Problem]:
    before = ancestors({each.work_package_id: each.dependencies for each in packages})
    for first, second, path in overlaps(packages):
        if is_concurrent(first, second, before):
            text = f"{first} and {second} may run at the same time and both own {path}"
            hint = "Let one wait for the other, or divide the files"
            yield Problem("OWNERSHIP_OVERLAP", (first, second, path), text, hint)
    folder = resolve_mission_read_path(MissionName(mission.mission_id, mission.slug))
    for package in packages:
        own = next((glob for glob in package.owned_files if common_path(glob, f"{folder}/**") is not None), None)
        if own is not None and scope(package) is package.owned_files and not own.startswith("**"):
            text = f"{package.work_package_id} owns {own}, which reaches into the mission's own folder"
            yield Problem("OWNERSHIP_OF_MISSION", (package.work_package_id, own), text, "Own other files")


def _unmatched(packages: Sequence[WorkPackage], paths: Collection[str]) -> Iterator[tuple[Problem, bool]]:
    """Patterns that match nothing; grave is only a path that was named in full."""
    for package in packages:
        for glob in unmatched(package, paths):
            text = f"{package.work_package_id} owns {glob}, and nothing is called so"
            hint = "Mend the path, or list it in `creates`"
            yield Problem("PATH_UNMATCHED", (package.work_package_id, glob), text, hint), is_literal(glob)


def _unknown_profiles(packages: Sequence[WorkPackage], profiles: Collection[str]) -> Iterator[Problem]:
    for package in packages:
        wanted = None if package.recommendation is None else package.recommendation.profile_ref
        if wanted is not None and wanted not in profiles:
            text = f"{package.work_package_id} recommends the profile {wanted!r}, which is not active"
            hint = f"Active are: {', '.join(sorted(profiles)) or 'none'}"
            yield Problem("PROFILE_INACTIVE", (package.work_package_id, wanted), text, hint)
