"""The decision and the board agree: tried on every board that one and two packages can come to."""

from collections import Counter
from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest

from dome_contracts.schema.base import Contract
from dome_contracts.schema.missions.acceptance import AcceptanceVerdict
from dome_contracts.schema.missions.status_event import (
    MissionAccepted,
    MissionCanceled,
    MissionIntegrated,
    MissionReopened,
)
from dome_contracts.schema.shared.definitions import ArtefactWitness, Effector, Lane, LaneOperation
from dome_spec.mission_runtime import NextQuery, decide_next
from dome_spec.missions.status import Given, Standing, Wish, held_up, same
from tests.decisions_asked import MANAGER, TYPE, run
from tests.mission_boards import board_of, reachable, told_apart, told_of_mission
from tests.mission_walks import receipt
from tests.missions_made import AGENT, OTHER, PERSON, TOLD
from tests.suite import tried

STRANGER = Effector.from_value({"kind": "llm", "id": "agent-9"})
ASKERS = (
    None,
    AGENT,
    OTHER,
    AGENT.model_copy(update={"role": "reviewer"}),
    OTHER.model_copy(update={"role": "implementer"}),
    MANAGER,
)
THROUGH = {Lane.APPROVED, Lane.DONE, Lane.CANCELED}
RUN = run()


def decided(standing: Standing, effector: Effector | None, *, has_run: bool = True) -> dict[str, Any]:
    query = NextQuery(
        standing=standing,
        mission_type=TYPE,
        run=RUN if has_run else None,
        effector=effector,
        artefact_of=lambda action, package: TOLD,
        contracts={},
    )
    found = decide_next(query, is_query=False)
    assert found.origin.value == "board"
    value: dict[str, Any] = found.decision.to_value()
    return value


def may(standing: Standing, effector: Effector | None, action: str, name: str) -> bool:
    """Whether the status of the mission lets somebody take the package up for this, or has them at it already."""
    state, who = standing.package(name), effector or STRANGER
    if held_up(state) is not None:
        return False
    lanes = {Lane.CLAIMED, Lane.IN_PROGRESS} if action == "implement" else {Lane.IN_REVIEW}
    if state.lane in lanes:
        return state.holder is not None and same(state.holder, who)
    operation = LaneOperation.CLAIM if action == "implement" else LaneOperation.BEGIN_REVIEW
    given = Given(witness=ArtefactWitness(digest=TOLD, stream_version=state.version))
    return not standing.against(Wish(package=name, effector=who, operation=operation, given=given))


def wanted(effector: Effector | None) -> Sequence[str]:
    """What somebody in this role is there for."""
    role = "" if effector is None else str(effector.role or "")
    return {"implementer": ["implement"], "reviewer": ["review"]}.get(role, ["implement", "review"])


def reason(standing: Standing, name: str) -> str:
    """Why nothing can be done about a package, as its lane says it."""
    state = standing.package(name)
    if state.prepared is not None:
        return "transition_pending"
    if held_up(state) is not None:
        return "conflict_unacknowledged"
    waits = any(
        standing.package(each).lane not in {Lane.APPROVED, Lane.DONE} for each in standing.packages[name].dependencies
    )
    return {
        Lane.PLANNED: "dependencies_unsatisfied" if waits else "all_claimed",
        Lane.CLAIMED: "all_claimed",
        Lane.IN_PROGRESS: "all_claimed",
        Lane.FOR_REVIEW: "review_in_progress",
        Lane.IN_REVIEW: "review_in_progress",
        Lane.BLOCKED: "step_failed",
    }[state.lane]


def agree(standing: Standing, effector: Effector | None) -> str:
    """Look whether the decision is the one that the board asks for; what kind it was."""
    decision = decided(standing, effector)
    states = standing.snapshot.packages
    possible = [
        (action, name) for action in wanted(effector) for name in states if may(standing, effector, action, name)
    ]
    if possible:
        assert decision["kind"] == "step", (decision, possible)
        name = decision["package"]["work_package_id"]
        assert (decision["action"], name) in possible
        # Of several kinds the first that the role is for; of several packages one that the effector holds already.
        assert decision["action"] == possible[0][0]
        mine = [each for action, each in possible if action == decision["action"] and states[each].holder is not None]
        assert not mine or name in mine
        assert (decision["package"]["lane"], decision["package"]["stream_version"]) == (
            states[name].lane.value,
            states[name].version,
        )
        return f"{decision['action']} {states[name].lane.value}"
    stuck = {name for name, state in states.items() if state.lane not in THROUGH or held_up(state) is not None}
    if stuck:
        assert decision["kind"] == "blocked"
        said = {name: block["reason"] for block in decision["blocks"] for name in block["packages"]}
        assert said == {name: reason(standing, name) for name in stuck}
        assert all(block["text"] and block["remedy"] for block in decision["blocks"])
        return f"blocked {sorted(set(said.values()))[0]}"
    if all(state.lane is Lane.CANCELED for state in states.values()):
        assert [each["reason"] for each in decision["blocks"]] == ["packages_canceled"]
        return "blocked packages_canceled"
    assert (decision["kind"], decision["action"], "package" in decision) == ("step", "accept", False)
    return "accept"


EVERYTHING = {
    "implement planned",
    "implement claimed",
    "implement in_progress",
    "review for_review",
    "review in_review",
    "accept",
    "blocked transition_pending",
    "blocked conflict_unacknowledged",
    "blocked all_claimed",
    "blocked review_in_progress",
    "blocked step_failed",
    "blocked packages_canceled",
}
"""What a decision about packages may be. `dependencies_unsatisfied` takes two of them."""


def test_property_21_the_decision_agrees_with_every_board_of_one_package() -> None:
    assert {each.lane for each in reachable()} == set(Lane)
    holders = {each.holder.id for each in reachable() if each.holder is not None}
    assert holders == {AGENT.id, OTHER.id}
    seen = Counter[str]()
    for state, effector in product(reachable()[:: tried(1, few=4)], ASKERS):
        seen[agree(board_of(state, is_chained=False), effector)] += 1
    assert set(seen) == EVERYTHING


@pytest.mark.parametrize("is_chained", [False, True], ids=["beside each other", "one after the other"])
def test_property_21_the_decision_agrees_with_every_board_of_two_packages(is_chained: bool) -> None:
    seen = Counter[str]()
    pairs = list(product(told_apart(), repeat=2))
    for place, ((first, second), effector) in enumerate(product(pairs, ASKERS)):
        if place % tried(1, few=7) == 0:
            seen[agree(board_of(first, second, is_chained=is_chained), effector)] += 1
    assert set(seen) == EVERYTHING | ({"blocked dependencies_unsatisfied"} if is_chained else set())


ACCEPTED, REFUSED, PENDING = (
    MissionAccepted(kind="mission_accepted", acceptance_digest=TOLD, verdict=AcceptanceVerdict(each))
    for each in ("accepted", "refused", "pending")
)
INTEGRATED = MissionIntegrated(kind="mission_integrated", receipt=receipt("op-01hy2y63cm7n59a7hdtrjvmwd0"))
CANCELED = MissionCanceled(kind="mission_canceled", accountable=PERSON, reason="Enough.")
REOPENED = MissionReopened(kind="mission_reopened", accountable=PERSON, reason="Not yet.")


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ([ACCEPTED], "integrate"),
        ([REFUSED], "accept"),
        ([PENDING], "accept"),
        ([ACCEPTED, REFUSED], "accept"),
        ([REFUSED, ACCEPTED], "integrate"),
        ([ACCEPTED, CANCELED, REOPENED], "accept"),
        ([ACCEPTED, INTEGRATED, REOPENED], "accept"),
        ([ACCEPTED, INTEGRATED], "done"),
        ([CANCELED], "canceled"),
        ([ACCEPTED, CANCELED], "canceled"),
    ],
    ids=lambda each: "+".join(fact.kind for fact in each) if isinstance(each, list) else each,
)
def test_property_21_the_decision_agrees_with_what_was_said_of_the_mission(facts: list[Contract], outcome: str) -> None:
    seen = Counter[str]()
    for state, effector in product(told_apart(), (None, AGENT, MANAGER)):
        before = board_of(state, is_chained=False)
        standing = told_of_mission(before, *facts)
        decision, without = decided(standing, effector), decided(before, effector)
        if outcome in {"done", "canceled"}:
            assert decision == {"kind": "terminal", "outcome": outcome}
        elif without.get("action") == "accept":
            assert (decision["kind"], decision["action"]) == ("step", outcome)
        else:
            assert decision == without
        seen[decision.get("action", decision["kind"])] += 1
    assert outcome in seen or seen.keys() == {"terminal"}


@pytest.mark.parametrize("effector", ASKERS, ids=lambda each: "nobody" if each is None else f"{each.id} {each.role}")
def test_property_21_a_run_changes_nothing_of_what_the_board_says(effector: Effector | None) -> None:
    for state in told_apart():
        standing = board_of(state, is_chained=False)
        assert decided(standing, effector, has_run=True) == decided(standing, effector, has_run=False)
