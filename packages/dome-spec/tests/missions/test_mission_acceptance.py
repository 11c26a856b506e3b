"""Acceptance: what is still to be shown goes first, then what must not be."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.canonical import digest_bytes
from dome_contracts.schema.missions.acceptance import AcceptanceVerdict, Criterion, InvariantFinding
from dome_contracts.schema.missions.work_package import PackageStanding
from dome_contracts.schema.shared.definitions import Accountable, Lane
from dome_spec.missions import NothingToJudge, accept, judge, scaffold
from tests.missions_made import COMMIT, mission

SHOWN = {
    "verifier": {"kind": "human", "id": "ada"},
    "time": "2026-01-02T03:04:05Z",
    "evidence": [{"digest": digest_bytes(b"shown"), "location": "evidence/shown"}],
}
ASKED = mission(
    requirements=[
        {"id": "FR-001", "priority": "must", "text": "It works."},
        {"id": "FR-002", "priority": "should", "text": "It is quick."},
        {"id": "FR-003", "priority": "could", "text": "It is small."},
    ],
    negative_invariants=[{"id": "NI-001", "text": "No secret is kept."}],
)


def criterion(requirement: str, state: str) -> Criterion:
    value: dict[str, Any] = {"id": f"AC-{requirement[-3:]}", "text": "x", "requirements": [requirement], "state": state}
    shown = {} if state == "pending" else {"verification": SHOWN}
    return Criterion.from_value({**value, "proof": "code_review", **shown})


def finding(state: str, reason: str | None = None) -> InvariantFinding:
    shown = {"verification": SHOWN} if state in {"confirmed_absent", "still_present"} else {}
    return InvariantFinding.from_value(
        {"id": "NI-001", "state": state, **shown, **({} if reason is None else {"reason": reason})}
    )


def standing(lane: str) -> PackageStanding:
    return PackageStanding.from_value({"work_package_id": "WP01", "lane": lane, "stream_version": 1})


def judged(
    states: tuple[str, str, str] = ("met", "met", "met"),
    found: InvariantFinding | None = None,
    lane: str = "approved",
    reason: str | None = None,
) -> str:
    return judge(
        ASKED,
        standings=[standing(lane)],
        criteria=[criterion(f"FR-00{place}", state) for place, state in enumerate(states, 1)],
        findings=[found or finding("confirmed_absent")],
        satisfying=[Lane.APPROVED, Lane.DONE],
        reason=reason,
    ).value


@pytest.mark.parametrize(
    ("given_so", "verdict"),
    [
        ({}, "accepted"),
        ({"lane": "done"}, "accepted"),
        ({"lane": "in_review"}, "pending"),
        ({"states": ("unmet", "met", "met")}, "refused"),
        ({"states": ("unmet", "pending", "met")}, "pending"),
        ({"states": ("met", "unmet", "met")}, "refused"),
        ({"states": ("met", "unmet", "met"), "reason": "Nobody waits for it."}, "accepted"),
        ({"states": ("unmet", "met", "met"), "reason": "Nobody waits for it."}, "refused"),
        ({"states": ("met", "met", "pending")}, "accepted"),
        ({"states": ("met", "met", "unmet")}, "accepted"),
        ({"found": finding("still_present")}, "refused"),
        ({"found": finding("pending")}, "pending"),
        ({"found": finding("verification_failed", "No search.")}, "pending"),
        ({"found": finding("deferred")}, "refused"),
        ({"found": finding("deferred", "Next mission.")}, "accepted"),
    ],
)
def test_a_mission_is_accepted_when_nothing_is_open_and_nothing_speaks_against_it(
    given_so: dict[str, Any], verdict: str
) -> None:
    assert judged(**given_so) == verdict


def test_at_first_nothing_is_shown() -> None:
    criteria, findings = scaffold(ASKED)
    lanes = [standing("approved")]
    verdict = judge(ASKED, standings=lanes, criteria=criteria, findings=findings, satisfying=[Lane.APPROVED])
    assert verdict is AcceptanceVerdict.PENDING
    assert [each.requirements for each in criteria] == [["FR-001"], ["FR-002"], ["FR-003"]]


@pytest.mark.parametrize(("lanes", "why"), [([], "no packages"), (["canceled"] * 2, "packages are canceled")])
def test_where_no_package_counts_there_is_nothing_to_judge(lanes: list[str], why: str) -> None:
    criteria = [criterion(each.id, "met") for each in ASKED.requirements]
    found, standings = [finding("confirmed_absent")], [standing(each) for each in lanes]
    with pytest.raises(NothingToJudge) as refused:
        judge(ASKED, standings=standings, criteria=criteria, findings=found, satisfying=[Lane.APPROVED])
    assert why in refused.value.why
    assert "dome mission" in refused.value.hint


def test_a_package_that_was_given_up_counts_for_nothing_beside_one_that_was_not() -> None:
    criteria = [criterion(each.id, "met") for each in ASKED.requirements]
    verdict = judge(
        ASKED,
        standings=[standing("canceled"), standing("approved")],
        criteria=criteria,
        findings=[finding("confirmed_absent")],
        satisfying=[Lane.APPROVED],
    )
    assert verdict is AcceptanceVerdict.ACCEPTED


STATES = st.sampled_from(["met", "unmet", "pending"])


@given(
    st.tuples(STATES, STATES, STATES), st.sampled_from(["confirmed_absent", "still_present", "pending"]), st.booleans()
)
def test_what_is_pending_dominates(states: tuple[str, str, str], found: str, is_open: bool) -> None:
    verdict = judged(states, finding(found), "in_progress" if is_open else "done")
    assert (verdict == "pending") == (is_open or "pending" in (*states[:2], found))


def test_the_document_says_all_that_it_rests_on() -> None:
    criteria, findings = scaffold(ASKED)
    document = accept(
        ASKED,
        commit=COMMIT,
        standings=[standing("approved")],
        criteria=criteria,
        findings=findings,
        satisfying=[Lane.APPROVED],
        accountable=Accountable.from_value({"kind": "human", "id": "ada"}),
        decision_time="2026-01-02T03:04:05Z",
    )
    assert (document.verdict, document.commit) == (AcceptanceVerdict.PENDING, COMMIT)
    assert [each.id for each in document.criteria] == ["AC-001", "AC-002", "AC-003"]


def test_what_nobody_looked_for_is_not_taken_for_absent() -> None:
    criteria = [criterion(each.id, "met") for each in ASKED.requirements]
    verdict = judge(ASKED, standings=[standing("approved")], criteria=criteria, findings=[], satisfying=[Lane.APPROVED])
    assert verdict is AcceptanceVerdict.PENDING
