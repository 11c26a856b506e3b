"""A transition and its commit as one unit: cut off anywhere, it is settled to both or to neither."""

from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from dome_contracts.runtime.v1 import Correlation
from dome_contracts.schema.missions.status_event import TransitionAborted
from dome_spec.mission_runtime import (
    OperationPending,
)
from tests.commits_cut import (
    OPERATION,
    PARENT,
    Answer,
    CutStore,
    Killed,
    World,
    a_preparation,
    agree,
    committed,
    recovered,
    started,
    wish,
    work_on_it,
)
from tests.missions_made import AGENT, loaded


@pytest.mark.parametrize("is_lost", [False, True])
@pytest.mark.parametrize("cut", range(9))
async def test_property_08_cut_off_anywhere_a_transition_and_its_commit_are_both_or_neither(
    cut: int, is_lost: bool
) -> None:
    store, world = CutStore(), World(is_lost=is_lost)
    status = started(store)
    store.world = world
    world.cut = cut
    try:
        await committed(status, world)
    except Killed:
        assert cut < 7
    world.cut = 1_000
    await recovered(store, world)
    agree(store, world)
    assert await recovered(store, world) == []


@pytest.mark.parametrize("cut", range(8))
@pytest.mark.parametrize("first", range(1, 7))
async def test_property_08_recovering_may_be_cut_off_as_well(first: int, cut: int) -> None:
    store, world = CutStore(), World()
    status = started(store)
    store.world = world
    world.cut = first
    with pytest.raises(Killed):
        await committed(status, world)
    world.cut = cut
    with suppress(Killed):
        await recovered(store, world)
    world.cut = 1_000
    await recovered(store, world)
    agree(store, world)


async def test_what_an_interruption_leaves_says_the_same_as_what_was_not_interrupted() -> None:
    states = []
    for cut in (1_000, 4):
        store, world = CutStore(), World()
        status = started(store)
        store.world = world
        world.cut = cut
        try:
            await committed(status, world)
        except Killed:
            world.cut = 1_000
            await recovered(store, world)
        states.append(loaded(store).package("WP01"))
    straight, settled = states
    assert straight.evidence == settled.evidence is not None
    assert straight.implementers == settled.implementers == (AGENT,)
    assert straight.receipt is not None
    assert settled.receipt is not None
    assert straight.receipt.commit == settled.receipt.commit


async def test_a_process_that_wakes_up_after_recovery_makes_no_commit_any_more() -> None:
    store, world = CutStore(), World()
    status = started(store)
    status.prepare(wish(status, evidence=work_on_it()), a_preparation())
    status.save()
    (found,) = await recovered(store, world)
    assert isinstance(found[1], TransitionAborted)
    with pytest.raises(Answer, match="IDEMPOTENCY_KEY_REUSED"):
        await world.execute(
            "repo.commit",
            b"{}",
            idempotency_key=OPERATION,
            working_directory="/repository",
            correlation=Correlation(parent_job_id=PARENT),
        )
    assert world.commits == {}
    agree(store, world)


@pytest.mark.parametrize("answer", ["LIMIT_EXCEEDED", "SKILL_NOT_FOUND", "TOOL_UNTRUSTED", "SHUTTING_DOWN"])
async def test_while_the_key_cannot_be_taken_nothing_is_given_up(answer: str) -> None:
    store, world = CutStore(), World(answers=answer)
    status = started(store)
    status.prepare(wish(status, evidence=work_on_it()), a_preparation())
    status.save()
    with pytest.raises(OperationPending):
        await recovered(store, world)
    assert loaded(store).package("WP01").prepared is not None


async def test_a_job_that_is_forgotten_has_ended() -> None:
    store, world = CutStore(), World(silent="JOB_NOT_FOUND")
    status = started(store)
    status.prepare(wish(status, evidence=work_on_it()), a_preparation())
    status.save()
    await recovered(store, world)
    agree(store, world)


@pytest.mark.parametrize("answer", ["UNAUTHENTICATED", "SHUTTING_DOWN", "JOB_NOT_FOUND"])
async def test_who_is_not_told_how_it_ended_gives_nothing_up(answer: str) -> None:
    store, world = CutStore(), World(silent=answer)
    status = started(store)
    with pytest.raises(OperationPending):
        await committed(status, world)
    assert loaded(store).package("WP01").prepared is not None
    world.silent = ""
    await recovered(store, world)
    agree(store, world)


async def test_a_tool_that_died_after_the_branch_moved_has_committed() -> None:
    store, world = CutStore(), World(is_lost=True)
    receipt = await committed(started(store), world)
    assert receipt.commit == world.head
    agree(store, world)


async def test_who_was_overtaken_by_a_recovery_is_told() -> None:
    store, world = CutStore(), World()
    status = started(store)

    async def overtaken(job_id: str, *, follow: bool) -> AsyncIterator[None]:
        del job_id, follow
        world.events = World.events.__get__(world)  # type: ignore[method-assign]
        await recovered(store, world)
        yield None

    world.events = overtaken  # type: ignore[method-assign]
    with pytest.raises(OperationPending, match="settled by somebody else"):
        await committed(status, world)
    agree(store, world)
