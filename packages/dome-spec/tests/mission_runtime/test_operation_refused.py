"""A transition with its commit that is refused: nothing is begun, or what was begun is given up."""

from typing import cast

import pytest

from dome_contracts.schema.missions.status_event import NoteAdded, StatusEvent
from dome_contracts.schema.shared.definitions import ArtefactWitness, Lane, LaneOperation
from dome_spec.kernel import Runtime
from dome_spec.kernel.vcs_probe import Probed, WorkingTree
from dome_spec.mission_runtime import (
    CommitRefused,
    TargetMoved,
    commit_transition,
)
from dome_spec.mission_runtime.commit_job import Asking
from dome_spec.missions.status import (
    Force,
    Given,
    StaleArtefact,
    StreamInvalid,
    Table,
    TransitionRefused,
    Wish,
    reduce,
)
from tests.commits_cut import (
    BRANCH,
    OPERATION,
    PARENT,
    SEEN,
    TREE,
    CutStore,
    World,
    a_commit,
    a_preparation,
    agree,
    committed,
    started,
    wish,
    work_on_it,
)
from tests.missions_made import ADA, AGENT, PERSON, TABLE, TOLD, begun, loaded


async def test_a_refused_commit_leaves_the_package_where_it_stood() -> None:
    store, world = CutStore(), World(head="6" * 40)
    with pytest.raises(CommitRefused, match="HEAD_MOVED"):
        await committed(started(store), world)
    agree(store, world)


async def test_property_25_a_tree_that_moved_begins_nothing() -> None:
    store, world = CutStore(), World()
    status = started(store)
    moved = Probed(tree=WorkingTree(TREE.root, BRANCH, "6" * 40), git_common_dir=SEEN.git_common_dir, staged_paths=())
    with pytest.raises(TargetMoved):
        await commit_transition(
            status, wish(status), a_commit(), asking=Asking(cast("Runtime", world), PARENT), reference=world, seen=moved
        )
    assert loaded(store).package("WP01").prepared is None


async def test_nothing_is_added_to_a_package_whose_commit_is_under_way() -> None:
    store = CutStore()
    status = started(store)
    status.prepare(wish(status, evidence=work_on_it()), a_preparation())
    status.save()
    for again in (status, loaded(store)):
        with pytest.raises(TransitionRefused) as refused:
            again.state("WP01", NoteAdded(kind="note_added", text="So it is."), ADA)
        assert refused.value.reason == "PACKAGE_PENDING"


async def test_a_log_in_which_something_else_moved_the_package_meanwhile_is_refused() -> None:
    store, world = CutStore(), World()
    status = started(store)
    await committed(status, world)
    events = store.events(status.mission.mission_id)
    value = events[-1].to_value()
    for receipt in ({**value["fact"]["receipt"], "operation_id": OPERATION[:-1] + "1"}, None):
        value["fact"]["receipt"] = receipt
        if receipt is None:
            del value["fact"]["receipt"]
        with pytest.raises(StreamInvalid, match="waits for operation"):
            reduce([*events[:-1], StatusEvent.from_value(value)], Table(TABLE))


async def test_what_an_interruption_would_lose_goes_with_no_commit() -> None:
    store, world = CutStore(), World()
    status = started(store)
    forced = Force(accountable=PERSON, reason="The house is on fire.")
    for wanted in (
        wish(status, reason="So it is."),
        wish(status, evidence=work_on_it()),
        wish(status, "block", reason="So it is."),
    ):
        with pytest.raises(TransitionRefused, match="with a commit is refused"):
            await committed(status, world, wanted)
    skipped = Wish(
        package="WP01", effector=AGENT, operation=LaneOperation.APPROVE, given=wish(status, force=forced).given,
        to=Lane.APPROVED,
    )  # fmt: skip
    with pytest.raises(TransitionRefused, match="with a commit is refused"):
        await committed(status, world, skipped)
    assert (world.jobs, loaded(store).package("WP01").version) == ([], 3)


async def test_property_25_a_commit_needs_a_current_artefact_whatever_the_table_asks_for() -> None:
    store, world = CutStore(), World()
    status = started(store)
    version = status.package("WP01").version
    for witness in (
        None,
        ArtefactWitness(digest=TOLD, stream_version=version - 1),
        ArtefactWitness(digest="sha256:" + "9" * 64, stream_version=version),
    ):
        wanted = Wish(package="WP01", effector=AGENT, operation=LaneOperation.SUBMIT, given=Given(witness=witness))
        with pytest.raises(StaleArtefact):
            await committed(status, world, wanted)
    assert (world.jobs, loaded(store).package("WP01").prepared) == ([], None)


async def test_nobody_takes_a_package_with_a_commit() -> None:
    store, world = CutStore(), World()
    status = begun(store)
    with pytest.raises(TransitionRefused, match="with a commit is refused"):
        await committed(status, world, wish(status, "claim"))
