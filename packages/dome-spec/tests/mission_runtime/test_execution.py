"""Where and against what an action works, and the target of its commits."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.schema.mission_runtime.commit_target import CommitCapability, CommitTarget
from dome_contracts.schema.mission_runtime.execution_context import ExecutionContext
from dome_contracts.schema.shared.definitions import MissionAction
from dome_spec.kernel import read_document
from dome_spec.kernel.vcs_probe import Probed, WorkingTree
from dome_spec.mission_runtime import (
    ActionQuery,
    PackageNeeded,
    PlaceUnnameable,
    Surroundings,
    TargetMismatch,
    TargetMoved,
    TargetProtected,
    VerifiedTarget,
    WorkspaceUnresolved,
    WrongDirectory,
    head_of,
    resolve_action_context,
    still_holds,
    track_branch,
    verified_target,
)
from dome_spec.missions.store import MemoryStore
from tests.missions_made import COMMIT, REPOSITORY_ID, begun, package

AT = "2026-01-02T03:04:05Z"
MAIN = WorkingTree(Path("/home/ada/main"), "refs/heads/main", COMMIT)
SIDE = WorkingTree(Path("/home/ada/side"), "refs/heads/missions/tried/track-01", "4" * 40)
STANDING = begun(
    MemoryStore(),
    package("WP01", track="track-01"),
    package("WP02", dependencies=["WP01"], track="track-02"),
    package("WP03", product="documents", reach="owned_files", owned_files=[]),
).standing
IMPLEMENT = ActionQuery(action=MissionAction.IMPLEMENT, package="WP01")


def seen_from(directory: str, *trees: WorkingTree, time: str = AT) -> Surroundings:
    return Surroundings(
        repository_id=REPOSITORY_ID, trees=trees or (MAIN, SIDE), working_directory=Path(directory), time=time
    )


@given(
    st.sampled_from(["/home/ada/main", "/home/ada/main/src", "/home/ada/side", "/home/ada/side/a/b"]),
    st.sampled_from([AT, "2030-01-01T00:00:00Z"]),
)
def test_property_24_the_answer_is_the_same_from_every_directory_of_the_repository(directory: str, time: str) -> None:
    here = resolve_action_context(IMPLEMENT, STANDING, seen_from("/home/ada/main"))
    there = resolve_action_context(IMPLEMENT, STANDING, seen_from(directory, time=time))
    assert there.identity == here.identity
    assert there.digest == here.digest
    assert there.observation.working_directory == directory
    assert read_document(ExecutionContext, there.to_value()) == there


def test_a_package_is_carried_out_where_the_branch_of_its_track_is() -> None:
    context = resolve_action_context(IMPLEMENT, STANDING, seen_from("/home/ada/main"))
    workspace = context.identity.workspace
    assert (workspace.kind.value, workspace.root, workspace.track) == ("worktree", "/home/ada/side", "track-01")
    assert context.identity.destination_ref == track_branch("tried", "track-01")
    assert workspace.writable == ["src/wp01/**"]


def resolved(query: ActionQuery, *trees: WorkingTree) -> ExecutionContext:
    return resolve_action_context(query, STANDING, seen_from("/home/ada/main", *trees))


@pytest.mark.parametrize(
    "query",
    [
        IMPLEMENT,
        ActionQuery(action=MissionAction.REVIEW, package="WP01"),
        ActionQuery(action=MissionAction.IMPLEMENT, package="WP03"),
        ActionQuery(action=MissionAction.SPECIFY),
    ],
    ids=["track without a tree", "its review", "no track", "the mission"],
)
def test_a_commit_in_a_tree_that_is_shared_changes_nothing_of_where_an_action_works(query: ActionQuery) -> None:
    moved = replace(MAIN, head="9" * 40)
    before, after = resolved(query, MAIN), resolved(query, moved)
    assert after.identity == before.identity
    assert (before.identity.workspace.head, after.identity.workspace.head) == (None, None)
    # What work would begin on is still said, beside the identity.
    assert (head_of(before), head_of(after)) == (COMMIT, "9" * 40)


def test_a_commit_in_the_tree_of_the_packages_track_is_another_place_to_work() -> None:
    before, after = resolved(IMPLEMENT), resolved(IMPLEMENT, MAIN, replace(SIDE, head="9" * 40))
    assert before.identity.workspace.head == head_of(before) == SIDE.head
    assert after.digest != before.digest
    assert resolved(IMPLEMENT, replace(MAIN, head="9" * 40), SIDE).digest == before.digest


def test_a_tree_that_comes_for_the_track_is_another_place_to_work() -> None:
    assert resolved(IMPLEMENT, MAIN).digest != resolved(IMPLEMENT, MAIN, SIDE).digest


def test_what_a_package_waits_for_is_said_with_where_it_stands() -> None:
    query = ActionQuery(action=MissionAction.IMPLEMENT, package="WP02")
    (waits,) = resolve_action_context(query, STANDING, seen_from("/home/ada/main")).identity.readiness
    assert (waits.work_package_id, waits.lane.value) == ("WP01", "planned")


def test_an_action_on_the_whole_mission_works_in_the_main_tree() -> None:
    context = resolve_action_context(ActionQuery(action=MissionAction.SPECIFY), STANDING, seen_from("/home/ada/side"))
    assert (context.identity.workspace.root, context.identity.package) == ("/home/ada/main", None)


def test_a_directory_outside_of_the_repository_is_refused() -> None:
    with pytest.raises(WrongDirectory, match="/home/ada/main"):
        resolve_action_context(IMPLEMENT, STANDING, seen_from("/home/ada/mainland"))


def test_an_action_about_a_package_needs_one() -> None:
    with pytest.raises(PackageNeeded):
        resolve_action_context(ActionQuery(action=MissionAction.REVIEW), STANDING, seen_from("/home/ada/main"))


def test_where_no_branch_is_checked_out_the_way_to_one_is_said() -> None:
    detached = replace(MAIN, branch=None)
    with pytest.raises(WorkspaceUnresolved, match="git worktree add"):
        resolve_action_context(IMPLEMENT, STANDING, seen_from("/home/ada/main", detached))


def probed(tree: WorkingTree = SIDE, *staged: str) -> Probed:
    return Probed(tree=tree, git_common_dir=Path("/home/ada/main/.git"), staged_paths=staged)


def target(
    seen: Probed | None = None, destination: str = "refs/heads/missions/tried/track-01", **more: Any
) -> VerifiedTarget:
    stated: dict[str, Any] = {"repository_id": REPOSITORY_ID, "protected": (), "probe_time": AT}
    return verified_target(seen or probed(), destination, **{**stated, **more})


BRANCHES = st.sampled_from([None, "refs/heads/main", "refs/heads/side", "refs/heads/missions/tried/track-01"])


@given(BRANCHES, BRANCHES.filter(bool), st.sampled_from(CommitCapability), st.booleans())
def test_property_25_a_pair_that_does_not_fit_cannot_be_made(
    branch: str | None, destination: str, capability: CommitCapability, is_protected: bool
) -> None:
    seen = probed(WorkingTree(Path("/home/ada/side"), branch, COMMIT))
    protected = (destination,) if is_protected else ()
    if branch != destination:
        with pytest.raises(TargetMismatch):
            target(seen, destination, capability=capability, protected=protected)
    elif is_protected and capability is CommitCapability.STANDARD:
        with pytest.raises(TargetProtected):
            target(seen, destination, capability=capability, protected=protected)
    else:
        made = target(seen, destination, capability=capability, protected=protected)
        assert read_document(CommitTarget, made.document.to_value()).destination_ref == branch


@pytest.mark.parametrize("name", ["\udcff\udcfe", "back\\slash"])
def test_what_is_staged_and_cannot_be_named_is_refused_before_anything_is_begun(name: str) -> None:
    with pytest.raises(PlaceUnnameable, match="git restore --staged"):
        target(probed(SIDE, "a.py", name))


def test_staged_names_with_blanks_lines_and_letters_are_named_as_they_are() -> None:
    staged = ("a b", "a\nline", "\u00e4")
    assert target(probed(SIDE, *staged)).document.staged_paths == list(staged)


def test_property_25_there_is_no_other_way_to_make_one() -> None:
    with pytest.raises(TypeError, match="probe"):
        VerifiedTarget(target().document, object())


@pytest.mark.parametrize(
    "moved",
    [
        probed(replace(SIDE, head="9" * 40)),
        probed(SIDE, "a.py"),
        probed(replace(SIDE, root=Path("/home/ada/other"))),
        replace(probed(), git_common_dir=Path("/home/ada/other/.git")),
    ],
)
def test_property_25_a_tree_that_moved_since_is_refused_at_the_commit(moved: Probed) -> None:
    still_holds(target(), probed())
    with pytest.raises(TargetMoved):
        still_holds(target(), moved)


def test_property_25_a_tree_on_another_branch_is_refused_at_the_commit() -> None:
    with pytest.raises(TargetMismatch):
        still_holds(target(), probed(replace(SIDE, branch="refs/heads/main")))
