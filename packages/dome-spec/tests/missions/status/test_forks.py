"""Forks: which side holds, that each is seen and can be settled, and that no log can keep a mission from being read."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.schema.missions.acceptance import AcceptanceVerdict
from dome_contracts.schema.missions.status_event import (
    ConflictRecorded,
    MissionAccepted,
    MissionCanceled,
    NoteAdded,
    PackageSeeded,
    StatusEvent,
)
from dome_contracts.schema.shared.definitions import Effector, Lane
from dome_spec.missions.status import MissionState, MissionStatus, PackageState, Table, TransitionRefused, reduce
from dome_spec.missions.store import MemoryStore
from tests.missions_made import (
    ADA,
    AGENT,
    MISSION_ID,
    OTHER,
    PERSON,
    TABLE,
    TOLD,
    begun,
    ids,
    loaded,
    move,
    review,
    to_review,
)

RULES = Table(TABLE)
THIRD = Effector.from_value({"kind": "llm", "id": "agent-3", "profile_ref": "reviewer"})
NOTE = NoteAdded(kind="note_added", text="So it is.")


def in_review_wanted() -> MemoryStore:
    store = MemoryStore()
    status = begun(store)
    for operation in ("claim", "start", "submit"):
        move(status, operation)
    status.save()
    return store


def reviewed(store: MemoryStore, verdict: str, who: Effector, start: int, *, notes: int = 0) -> Sequence[StatusEvent]:
    """What one reviewer does who knows of no other: takes the package, looks for a while, says something."""
    status = loaded(store, maker=ids(start))
    move(status, "begin_review", who)
    for _ in range(notes):
        status.state("WP01", NOTE, who)
    status.review(review(status, verdict, reviewer=who), who)
    move(status, "approve" if verdict == "approved" else "request_changes", who)
    return status.history("WP01")


@given(st.permutations([50_000, 60_000]), st.integers(0, 3), st.integers(0, 3))
def test_property_09_a_rejection_holds_however_far_behind_the_fork_it_is_said(
    starts: list[int], before: int, meanwhile: int
) -> None:
    store = in_review_wanted()
    approved = reviewed(store, "approved", OTHER, starts[0], notes=meanwhile)
    rejected = reviewed(store, "changes_requested", THIRD, starts[1], notes=before)
    said = reduce([*store.events(MISSION_ID), *approved, *rejected], RULES).packages["WP01"]
    assert said.lane is Lane.IN_PROGRESS
    (fork,) = said.open_forks
    assert fork.rule.value == "rejection_wins"


@given(st.permutations([50_000, 60_000]))
def test_property_09_reopening_holds_against_what_goes_on_without_knowing_of_it(starts: list[int]) -> None:
    store = MemoryStore()
    status = begun(store)
    to_review(status)
    status.review(review(status, "approved"), OTHER)
    move(status, "approve", OTHER)
    status.save()
    logs: list[StatusEvent] = []
    for operation, start in zip(("integrate", "reopen"), starts, strict=True):
        side = loaded(store, maker=ids(start))
        side.state("WP01", NOTE, ADA)
        move(side, operation, ADA)
        logs += side.history("WP01")
    assert reduce([*store.events(MISSION_ID), *logs], RULES).packages["WP01"].lane is Lane.IN_PROGRESS


@given(st.permutations([50_000, 60_000]))
def test_giving_up_holds_against_a_rejection(starts: list[int]) -> None:
    store = in_review_wanted()
    rejected = reviewed(store, "changes_requested", OTHER, starts[0])
    status = loaded(store, maker=ids(starts[1]))
    status.state("WP01", NOTE, ADA)
    move(status, "cancel", ADA)
    said = reduce([*store.events(MISSION_ID), *rejected, *status.history("WP01")], RULES).packages["WP01"]
    assert said.lane is Lane.CANCELED
    assert [each.rule.value for each in said.open_forks] == ["cancellation_wins"]


def merged(store: MemoryStore, *sides: Sequence[StatusEvent], start: int = 80_000) -> MissionStatus:
    for side in sides:
        store.merge(side, name=store.missions()[0])
    return loaded(store, maker=ids(start))


def noted(store: MemoryStore, start: int, package: str | None = "WP01") -> Sequence[StatusEvent]:
    status = loaded(store, maker=ids(start))
    status.state(package, NOTE, ADA)
    return status.history(package)


def test_a_side_that_arrives_after_an_acknowledgement_is_shown_again() -> None:
    store = MemoryStore()
    begun(store)
    first, second, third = (noted(store, start) for start in (50_000, 60_000, 70_000))
    status = merged(store, first, second)
    status.acknowledge("WP01", "The first holds.", ADA)
    status.save()
    assert loaded(store).package("WP01").open_forks == ()
    status = merged(store, third, start=90_000)
    assert len(status.package("WP01").open_forks) == 1
    status.acknowledge("WP01", "It still holds.", ADA)
    status.save()
    assert loaded(store).package("WP01").open_forks == ()


@pytest.mark.parametrize("package", ["WP01", None])
def test_a_losing_side_that_goes_on_after_an_acknowledgement_is_shown_again(package: str | None) -> None:
    store = MemoryStore()
    begun(store)
    holding, losing = (loaded(store, maker=ids(start)) for start in (50_000, 60_000))
    for side in (holding, losing):
        side.state(package, NOTE, ADA)
    status = merged(store, holding.history(package), losing.history(package))
    status.acknowledge(package, "The first holds.", ADA)
    status.save()

    def known() -> MissionState | PackageState | None:
        now = loaded(store).snapshot
        return now.mission if package is None else now.packages[package]

    def tips() -> list[tuple[str, ...]]:
        state = known()
        assert state is not None
        return [each.tips for each in state.open_forks]

    assert tips() == []
    grown: Sequence[StatusEvent] = ()
    for number in range(2):
        losing.state(package, NOTE, ADA)
        grown = losing.history(package)
        status = merged(store, grown, start=70_000 + 100 * number)
        assert tips() == [(grown[-1].event_id,)]
        if package is not None:
            with pytest.raises(TransitionRefused) as refused:
                move(status, "claim")
            assert refused.value.reason == "PACKAGE_CONFLICTED"
        status.acknowledge(package, "It still holds.", ADA)
        status.save()
        assert tips() == []
    # What was seen before is no news: only the events that came are.
    assert merged(store, grown).snapshot == loaded(store).snapshot


def test_a_side_of_a_side_that_arrives_later_is_shown_as_well() -> None:
    store = MemoryStore()
    begun(store)
    holding, losing = (loaded(store, maker=ids(start)) for start in (50_000, 60_000))
    for side in (holding, losing, losing):
        side.state("WP01", NOTE, ADA)
    status = merged(store, holding.history("WP01"), losing.history("WP01"))
    status.acknowledge("WP01", "The first holds.", ADA)
    status.save()
    last = losing.history("WP01")[-1]
    beside = last.model_copy(update={"event_id": "evt-7zhy2y63cm7n59a7hdtrjvmwd0"})
    (fork,) = merged(store, [beside]).package("WP01").open_forks
    assert fork.tips == tuple(sorted((last.event_id, beside.event_id)))


def test_a_losing_side_of_which_the_middle_was_missing_is_shown_when_it_arrives() -> None:
    store = MemoryStore()
    begun(store)
    holding, losing = (loaded(store, maker=ids(start)) for start in (50_000, 60_000))
    for side in (holding, losing, losing, losing):
        side.state("WP01", NOTE, ADA)
    first, middle, last = losing.history("WP01")[-3:]
    status = merged(store, holding.history("WP01"), [first, last])
    assert last.event_id in status.snapshot.orphans
    status.acknowledge("WP01", "The first holds.", ADA)
    status.save()
    again = merged(store, [middle])
    (fork,) = again.package("WP01").open_forks
    assert fork.tips == (last.event_id,)
    assert again.snapshot.orphans == frozenset()


def test_what_was_acknowledged_before_sides_were_told_by_their_ends_covers_their_first_events_alone() -> None:
    store = MemoryStore()
    begun(store)
    holding, losing = (loaded(store, maker=ids(start)) for start in (50_000, 60_000))
    for side in (holding, losing):
        side.state("WP01", NOTE, ADA)
    status = merged(store, holding.history("WP01"), losing.history("WP01"))
    status.acknowledge("WP01", "The first holds.", ADA)
    old = [
        each
        if not isinstance(each.fact, ConflictRecorded)
        else each.model_copy(
            update={
                "fact": ConflictRecorded.from_value(
                    {name: value for name, value in each.fact.to_value().items() if name != "tips"}
                )
            }
        )
        for each in status.history("WP01")
    ]
    store.merge(old, name=store.missions()[0])
    assert loaded(store).package("WP01").open_forks == ()
    losing.state("WP01", NOTE, ADA)
    assert len(merged(store, losing.history("WP01")).package("WP01").open_forks) == 1


def test_packages_that_were_fixed_in_two_places_can_go_on() -> None:
    store = MemoryStore()
    status = begun(store)
    seed = status.history("WP01")[0]
    assert isinstance(seed.fact, PackageSeeded)
    status = merged(store, [seed.model_copy(update={"event_id": "evt-7zhy2y63cm7n59a7hdtrjvmwd0"})])
    with pytest.raises(TransitionRefused) as refused:
        move(status, "claim")
    assert refused.value.reason == "PACKAGE_CONFLICTED"
    status.acknowledge("WP01", "They are the same.", ADA)
    move(status, "claim")
    status.save()
    assert loaded(store).lane("WP01") is Lane.CLAIMED


def test_a_fork_of_the_mission_itself_is_settled_as_well() -> None:
    store = MemoryStore()
    begun(store)
    status = merged(store, noted(store, 50_000, None), noted(store, 60_000, None))
    mission = status.snapshot.mission
    assert mission is not None
    assert len(mission.open_forks) == 1
    status.acknowledge(None, "They say the same.", ADA)
    status.save()
    mission = loaded(store).snapshot.mission
    assert mission is not None
    assert mission.open_forks == ()


def test_a_mission_that_was_given_up_stays_so_whatever_was_judged_elsewhere() -> None:
    store = MemoryStore()
    begun(store)
    judged, given_up = loaded(store, maker=ids(50_000)), loaded(store, maker=ids(60_000))
    judged.state(
        None, MissionAccepted(kind="mission_accepted", acceptance_digest=TOLD, verdict=AcceptanceVerdict.ACCEPTED), ADA
    )
    given_up.state(None, NOTE, ADA)
    given_up.state(
        None, MissionCanceled(kind="mission_canceled", accountable=PERSON, reason="It came to nothing."), ADA
    )
    mission = merged(store, judged.history(), given_up.history()).snapshot.mission
    assert mission is not None
    assert mission.is_canceled


def test_what_is_no_conflict_cannot_be_acknowledged() -> None:
    status = begun(MemoryStore())
    for package in ("WP01", None):
        with pytest.raises(TransitionRefused) as refused:
            status.acknowledge(package, "So it is.", ADA)
        assert refused.value.reason == "NO_CONFLICT"


def test_events_that_follow_each_other_in_a_circle_have_no_beginning() -> None:
    store = MemoryStore()
    status = begun(store)
    for _ in range(3):
        status.state("WP01", NOTE, AGENT)
    status.save()
    events = store.events(MISSION_ID)
    last = [each for each in events if each.subject.work_package_id][-3:]
    for causes in ((1, 0, 1), (0, 0, 1), (2, 0, 1)):
        circle = [
            each.model_copy(update={"cause": last[cause].event_id}) for each, cause in zip(last, causes, strict=True)
        ]
        said = reduce([*events[:-3], *circle], RULES)
        assert said.orphans == {each.event_id for each in last}
        assert said.packages["WP01"].version == 1
