"""The one answer to where and against what an action works. Pure: what was seen of the repository is handed in.

The identity is the same from the main checkout and from every other working tree; from where it was asked is an
observation beside it, in no digest. So is the commit of a working tree that others commit to as well: of the identity
it is part only where the tree is that of the package's track, for there it says what the package builds upon.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from dome_contracts.canonical import digest
from dome_contracts.schema.mission_runtime.execution_context import ExecutionContext
from dome_contracts.schema.missions.work_package import PackageReach, WorkPackage
from dome_contracts.schema.shared.definitions import MissionAction
from dome_spec.kernel.vcs_probe import NO_COMMIT, WorkingTree
from dome_spec.mission_runtime.nameable import refuse_branch, refuse_directory
from dome_spec.mission_runtime.refusals import PackageNeeded, WorkspaceUnresolved, WrongDirectory
from dome_spec.missions.status import Standing

OF_PACKAGES: Final = frozenset({MissionAction.IMPLEMENT, MissionAction.REVIEW})
"""Actions that are about one work package."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionQuery:
    """What is asked for."""

    action: MissionAction
    package: str | None = None
    run_id: str | None = None
    step_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What was seen of the repository, and from where and when it was asked."""

    repository_id: str
    trees: tuple[WorkingTree, ...]
    """All working trees, the main one first."""
    working_directory: Path
    time: str


def track_branch(slug: str, track: str) -> str:
    """The branch on which the packages of a track are carried out."""
    return f"refs/heads/missions/{slug}/{track}"


def resolve_action_context(query: ActionQuery, standing: Standing, surroundings: Surroundings) -> ExecutionContext:
    """Where and against what the action works.

    Raises WrongDirectory, PackageNeeded, PackageUnknown, WorkspaceUnresolved, PlaceUnnameable.
    """
    _refuse_elsewhere(surroundings)
    mission, package = standing.mission, _package(query, standing)
    track = None if package is None else package.track
    tree = _tree(surroundings, mission.slug, track)
    destination = mission.destination_ref if track is None else track_branch(mission.slug, track)
    optional = {"run_id": query.run_id, "step_id": query.step_id, "package": _standing_of(standing, package)}
    identity: dict[str, Any] = {
        "action": query.action,
        "repository_id": surroundings.repository_id,
        "mission_id": mission.mission_id,
        "mission_slug": mission.slug,
        "base": mission.base.to_value(),
        "destination_ref": destination,
        "workspace": _workspace(surroundings, tree, package, is_own=track is not None and tree.branch == destination),
        "readiness": _readiness(standing, package),
        **{name: value for name, value in optional.items() if value is not None},
    }
    observation = {
        "working_directory": str(surroundings.working_directory),
        "time": surroundings.time,
        "head": tree.head,
    }
    return ExecutionContext.from_value(
        {"schema_version": "1", "digest": digest(identity), "identity": identity, "observation": observation}
    )


def head_of(execution: ExecutionContext) -> str:
    """The commit on which work begins there now, whether the package has a tree of its own or not."""
    head = execution.observation.head or execution.identity.workspace.head
    return NO_COMMIT if head is None else head


def _refuse_elsewhere(surroundings: Surroundings) -> None:
    here = surroundings.working_directory
    refuse_directory(here)
    if not any(here == each.root or each.root in here.parents for each in surroundings.trees):
        roots = ", ".join(str(each.root) for each in surroundings.trees) or "none"
        raise WrongDirectory(
            f"{here} is in no working tree of the mission's repository",
            why=f"its working trees are: {roots}",
            hint="Give the command in one of them. A tree that was moved: `git worktree repair` in it",
        )


def _package(query: ActionQuery, standing: Standing) -> WorkPackage | None:
    if query.package is None:
        if query.action in OF_PACKAGES:
            raise PackageNeeded(f"To {query.action.value} is about a work package", hint="Name one, such as WP01")
        return None
    standing.package(query.package)
    return standing.packages[query.package]


def _tree(surroundings: Surroundings, slug: str, track: str | None) -> WorkingTree:
    """The tree in which the track's branch is checked out, else the main one."""
    branch = None if track is None else track_branch(slug, track)
    tree = next((each for each in surroundings.trees if branch is not None and each.branch == branch), None)
    tree = tree or next(iter(surroundings.trees), None)
    if tree is None or tree.branch is None:
        wanted = "a branch" if branch is None else branch.removeprefix("refs/heads/")
        raise WorkspaceUnresolved(
            f"No working tree is on {wanted}",
            hint=f"`git worktree add ../{slug}-{track or 'main'} -b {wanted}` makes one",
        )
    refuse_directory(tree.root)
    refuse_branch(tree.branch)
    return tree


def _workspace(
    surroundings: Surroundings, tree: WorkingTree, package: WorkPackage | None, *, is_own: bool
) -> Mapping[str, Any]:
    is_main = tree is surroundings.trees[0]
    workspace: dict[str, Any] = {
        "kind": "main" if is_main else "worktree",
        "root": str(tree.root),
        "branch": tree.branch,
    }
    if is_own:
        workspace["head"] = tree.head
    if package is not None and package.track is not None:
        workspace["track"] = package.track
    if package is not None and package.reach is PackageReach.OWNED_FILES and package.owned_files:
        workspace["writable"] = list(package.owned_files)
    return workspace


def _readiness(standing: Standing, package: WorkPackage | None) -> list[dict[str, Any]]:
    names = [] if package is None else sorted(package.dependencies)
    return [each for name in names if (each := _standing_at(standing, name)) is not None]


def _standing_of(standing: Standing, package: WorkPackage | None) -> dict[str, Any] | None:
    return None if package is None else _standing_at(standing, package.work_package_id)


def _standing_at(standing: Standing, name: str) -> dict[str, Any] | None:
    state = standing.snapshot.packages.get(name)
    if state is None:
        return None
    return {"work_package_id": name, "lane": state.lane.value, "stream_version": state.version}
