"""Giving a mission up and taking it up again: what speaks against it. What a log holds that counts for nothing."""

from typing import Any

import pytest

from dome_contracts.schema.missions.acceptance import AcceptanceVerdict
from dome_contracts.schema.missions.review_result import CommitRange
from dome_contracts.schema.missions.status_event import (
    ConflictRule,
    MissionAccepted,
    MissionCanceled,
    MissionIntegrated,
    NoteAdded,
)
from dome_spec.mission_runtime import Lost, attention, board, canceled, lost, override, reopened
from dome_spec.missions.status import MissionStatus, StreamMoved, TransitionRefused
from dome_spec.missions.store import MemoryStore
from tests.commits_cut import a_preparation, started, wish, work_on_it
from tests.missions_made import (
    ADA,
    MISSION_ID,
    OTHER,
    PERSON,
    TOLD,
    begun,
    everything,
    ids,
    loaded,
    move,
    package,
    review,
    to_review,
)


def test_a_mission_whose_commit_is_under_way_is_not_given_up() -> None:
    status = started(MemoryStore())
    status.prepare(wish(status, evidence=work_on_it()), a_preparation())
    with pytest.raises(TransitionRefused) as refused:
        canceled(status.standing, PERSON, "So it is.")
    assert (refused.value.reason, "dome mission recover" in refused.value.hint) == ("PACKAGE_PENDING", True)


def forked(package_id: str | None) -> MissionStatus:
    """Two who went on from the same state: one moves the package twice or writes twice, the other gives it up."""
    store = MemoryStore()
    begun(store, package("WP01"))
    name = store.missions()[0]
    one, other = (loaded(store, maker=ids(start)) for start in (50_000, 60_000))
    if package_id is None:
        for _ in range(2):
            one.state(None, NoteAdded(kind="note_added", text="So it is."), ADA)
        other.state(None, MissionCanceled(kind="mission_canceled", accountable=PERSON, reason="Enough."), ADA)
    else:
        move(one, "claim")
        move(one, "start")
        move(other, "cancel", ADA)
    for side in (one, other):
        store.merge(side.history(package_id), name=name)
    return loaded(store, maker=ids(70_000))


@pytest.mark.parametrize("package_id", ["WP01", None])
def test_what_does_not_hold_is_told_with_its_reason(package_id: str | None) -> None:
    status = forked(package_id)
    history = status.history(package_id)
    first, second = lost(status.snapshot, history)
    holds = next(each.event_id for each in history if each.fact.kind in {"mission_canceled", "package_transitioned"})
    assert (first.reason, holds in first.text) == (ConflictRule.CANCELLATION_WINS.value, True)
    assert (second.reason, first.event_id in second.text) == ("follows_lost", True)
    assert {each.work_package_id for each in (first, second)} == {package_id}
    shown = board(status.standing).value
    assert (shown["dropped_count"], shown["orphan_count"]) == (2, 0)
    if package_id is not None:
        (fork,) = shown["packages"][0]["forks"]
        assert (fork["holds"], fork["lost"], fork["rule"]) == (holds, [first.event_id], "cancellation_wins")
        assert lost(status.snapshot, status.history()) == ()


def test_a_mission_with_a_fork_is_not_ended_before_somebody_has_looked() -> None:
    status = forked(None)
    with pytest.raises(TransitionRefused) as refused:
        reopened(status.standing, PERSON, "So it is.")
    assert (refused.value.reason, "acknowledge" in refused.value.hint) == ("MISSION_CONFLICTED", True)
    status.acknowledge(None, "It is given up.", ADA)
    assert reopened(status.standing, PERSON, "So it is.").reason == "So it is."


def test_what_follows_an_event_that_is_not_here_needs_the_rest_of_the_log() -> None:
    whole, store = MemoryStore(), MemoryStore()
    begun(store, package("WP01"))
    begun(whole, package("WP01"))
    ahead = loaded(whole, maker=ids(50_000))
    for _ in range(2):
        ahead.state("WP01", NoteAdded(kind="note_added", text="So it is."), ADA)
    store.merge(ahead.history("WP01")[-1:], name=store.missions()[0])
    status = loaded(store)
    (cut,) = lost(status.snapshot, status.history("WP01"))
    assert isinstance(cut, Lost)
    assert (cut.reason, str(ahead.history("WP01")[-2].event_id) in cut.text) == ("cause_missing", True)
    assert board(status.standing).value["orphan_count"] == 1
    (found,) = [each for each in attention(status.standing) if each.reason == "events_missing"]
    assert "dome mission import" in found.remedy
    assert status.mission.mission_id == MISSION_ID


@pytest.mark.parametrize("is_other_work", [False, True])
def test_a_review_is_overridden_for_the_work_that_was_reviewed_alone(is_other_work: bool) -> None:
    status = begun(MemoryStore())
    to_review(status)
    status.review(review(status, "changes_requested"), OTHER)
    move(status, "request_changes", OTHER)
    other: dict[str, Any] = (
        {"evidence": CommitRange(kind="commits", base="6" * 40, head="7" * 40)} if is_other_work else {}
    )
    move(status, "submit", **other)
    if is_other_work:
        with pytest.raises(TransitionRefused) as refused:
            override(status.standing, "WP01", PERSON, effector=ADA, reason="So it is.", evidence=())
        assert (refused.value.reason, "nobody reviewed it" in refused.value.why) == ("REVIEW_MISSING", True)
    else:
        fact, _ = override(status.standing, "WP01", PERSON, effector=ADA, reason="So it is.", evidence=())
        assert fact.accountable == PERSON


@pytest.mark.parametrize("kind", ["mission_integrated", "mission_accepted"])
def test_a_mission_that_was_given_up_neither_lands_nor_is_judged(kind: str) -> None:
    status = begun(MemoryStore())
    status.state(None, canceled(status.standing, PERSON, "Enough."), ADA)
    fact = MissionAccepted(kind="mission_accepted", acceptance_digest=TOLD, verdict=AcceptanceVerdict.ACCEPTED)
    receipt = everything(status).receipt
    assert receipt is not None
    landing = MissionIntegrated(kind="mission_integrated", receipt=receipt)
    with pytest.raises(TransitionRefused) as refused:
        status.state(None, fact if kind == fact.kind else landing, ADA)
    assert refused.value.reason == "MISSION_CANCELED"
    status.state(None, reopened(status.standing, PERSON, "It goes on."), ADA)
    status.state(None, fact if kind == fact.kind else landing, ADA)


@pytest.mark.parametrize("is_canceled_first", [True, False])
def test_a_mission_is_given_up_or_goes_on_and_never_both_at_once(is_canceled_first: bool) -> None:
    store = MemoryStore()
    begun(store)
    one, other = (loaded(store, maker=ids(start)) for start in (50_000, 60_000))
    one.state(None, canceled(one.standing, PERSON, "Enough."), ADA)
    move(other, "claim")
    first, second = (one, other) if is_canceled_first else (other, one)
    first.save()
    with pytest.raises(StreamMoved):
        second.save()
