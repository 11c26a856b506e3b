"""The table of transitions: total, blind to force, and each refusal with its code. Tried over all that there may be."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest

from dome_contracts.schema.governance.mission_type import LaneGuard, TransitionTable
from dome_contracts.schema.missions.status_event import MissionCreated, PackageSeeded, PackageTransitioned
from dome_contracts.schema.shared.definitions import Lane, LaneOperation
from dome_spec.missions.status import (
    Force,
    Given,
    MissionStatus,
    StaleArtefact,
    StreamInvalid,
    Table,
    TransitionRefused,
    Wish,
)
from dome_spec.missions.status.commands import CLAIMS
from dome_spec.missions.status.decide import decide, refusals
from dome_spec.missions.status.guards import GUARDS, GuardFacts
from dome_spec.missions.store import MemoryStore
from tests.guard_inputs import SPACE, codes, combinations, facts, held_up, state
from tests.mission_walks import legal
from tests.missions_made import (
    ADA,
    PERSON,
    TABLE,
    TOLD,
    begun,
    everything,
    move,
    table,
)

RULES = Table(TABLE)
FORCE = Force(accountable=PERSON, reason="The house is on fire.")
SHIPPED = [table(each) for each in ("software-change", "small-change")]
by_each_table = pytest.mark.parametrize("by", SHIPPED, ids=lambda each: each.id)
PAIRS = tuple(product(Lane, Lane))


def space(rules: Table) -> Iterator[tuple[LaneOperation, GuardFacts, list[tuple[LaneGuard, str]] | None]]:
    """Every operation between every two lanes, with all that its guards may find, and what has to refuse it.

    None: the table has no such edge, whatever there is.
    """
    for (lane, to), operation in product(PAIRS, LaneOperation):
        edge = rules.edge(operation, lane, to)
        # Without an edge, guards of the widest kind are looked at all the same: nothing of theirs may matter.
        asked = edge.guards if edge is not None else [LaneGuard.REASON_GIVEN, LaneGuard.INTEGRATION_VERIFIED]
        for inputs in combinations(asked, lane, to):
            yield operation, facts(inputs, lane, to), None if edge is None else codes(inputs, asked)


def test_property_05_every_guard_refuses_what_it_has_to_and_nothing_else() -> None:
    assert {guard for row in SPACE for guard in row} == set(LaneGuard) == set(GUARDS)
    for guard, (lane, to) in product(LaneGuard, PAIRS):
        outcomes = Counter[str | None]()
        for inputs in combinations([guard], lane, to):
            refused = GUARDS[guard](facts(inputs, lane, to))
            expected = dict(codes(inputs, [guard])).get(guard)
            assert (None if refused is None else refused.code) == expected, (guard, inputs)
            assert refused is None or (refused.why and refused.hint)
            outcomes[expected] += 1
        assert len(outcomes) > 1 or guard is LaneGuard.HOLDER_ONLY, f"{guard.value} is tried one way only"


@by_each_table
def test_property_05_every_pair_of_lanes_gives_leave_or_a_coded_refusal(by: TransitionTable) -> None:
    rules, allowed, refused = Table(by), Counter[tuple[LaneOperation, Lane, Lane]](), Counter[LaneGuard]()
    for operation, asked, expected in space(rules):
        lane, to = asked.state.lane, asked.to
        against = refusals(rules, asked, operation)
        assert [each.code for each in against] == (["NO_EDGE"] if expected is None else [code for _, code in expected])
        assert all(each.why and each.hint for each in against)
        if against:
            with pytest.raises(TransitionRefused) as told:
                decide(rules, asked, operation)
            assert told.value.reason == against[0].code
            assert isinstance(told.value, StaleArtefact) == (against[0].code == "STALE_ARTEFACT")
            refused.update(guard for guard, _ in expected or ())
        else:
            decided = decide(rules, asked, operation)
            assert (decided.move.operation, decided.move.from_, decided.move.to) == (operation, lane, to)
            assert decided.override is None
            allowed[operation, lane, to] += 1
    # Each edge of the table was allowed, and each of its guards refused: nothing above was true of nothing.
    assert set(allowed) == {(each.operation, each.from_, each.to) for each in by.edges}
    assert set(refused) == {guard for edge in by.edges for guard in edge.guards}


@by_each_table
def test_property_06_force_is_unknown_to_guards_and_always_leaves_who_and_why(by: TransitionTable) -> None:
    rules, seen = Table(by), Counter[str]()
    for operation, asked, expected in space(rules):
        lane, to = asked.state.lane, asked.to
        against = refusals(rules, asked, operation)
        try:
            decided = decide(rules, asked, operation, force=FORCE)
        except TransitionRefused as refused:
            assert against
            assert refused.reason == "FORCE_REFUSED"
            assert lane in rules.terminal or to is lane
            seen["refused"] += 1
            continue
        assert (decided.override is None) == (not against)
        if decided.override is not None:
            assert (decided.override.accountable, decided.override.reason) == (PERSON, FORCE.reason)
            assert decided.override.guards == [guard for guard, _ in expected or ()]
            assert lane in rules.force.leaves
            assert to is not lane
        seen["edge" if expected is not None else "no edge"] += 1
        # What guards say is the same after somebody wanted to override them.
        assert refusals(rules, asked, operation) == against
    assert set(seen) == {"refused", "edge", "no edge"}


@pytest.mark.parametrize(("code", "known"), list(held_up()))
def test_property_06_what_is_held_up_is_moved_by_nobody_and_by_no_force(code: str, known: dict[str, object]) -> None:
    for (lane, to), operation in product(PAIRS, LaneOperation):
        asked = GuardFacts(state=state(lane, **known), effector=ADA, to=to, reason="So it is.")
        assert [each.code for each in refusals(RULES, asked, operation)] == [code]
        for force in (None, FORCE):
            with pytest.raises(TransitionRefused) as refused:
                decide(RULES, asked, operation, force=force)
            assert refused.value.reason == code


def test_property_06_a_guard_that_the_table_keeps_is_not_overridden() -> None:
    for kept in LaneGuard:
        force = {"leaves": [each.value for each in Lane], "guards": [kept.value]}
        rules = Table(TransitionTable.from_value({**TABLE.to_value(), "force": force}))
        outcomes = Counter[bool]()
        for inputs in combinations([kept], Lane.IN_REVIEW, Lane.PLANNED):
            asked = facts(inputs, Lane.IN_REVIEW, Lane.PLANNED)
            expected = dict(codes(inputs, [kept])).get(kept)
            if kept is LaneGuard.REASON_GIVEN:
                expected = None  # An override says why by itself.
            outcomes[expected is None] += 1
            if expected is None:
                assert decide(rules, asked, LaneOperation.REOPEN, force=FORCE).override is not None
                continue
            with pytest.raises(TransitionRefused) as refused:
                decide(rules, asked, LaneOperation.REOPEN, force=FORCE)
            assert refused.value.reason == expected
        assert outcomes[True]


def at(lane: Lane) -> MissionStatus:
    """A package that was brought into a lane."""
    status = begun(MemoryStore())
    if lane is not Lane.PLANNED:
        move(status, "approve", ADA, to=lane, force=FORCE)
    return status


@pytest.mark.parametrize("lane", list(Lane))
def test_property_06_every_override_is_counted_and_told_by_its_event(lane: Lane) -> None:
    for to in Lane:
        status = at(lane)
        before = status.package("WP01")
        allowed = {(each.operation, each.to) for each in legal(status, "WP01")}
        for operation in LaneOperation:
            if operation in CLAIMS and (operation, to) not in allowed:
                with pytest.raises(TransitionRefused):
                    move(status, operation.value, ADA, to=to, force=FORCE)
        assert status.package("WP01") == before
        if lane in RULES.terminal or lane is to:
            with pytest.raises(TransitionRefused, match=r"force|stands in"):
                move(status, "reopen", ADA, to=to, force=FORCE)
            assert status.package("WP01") == before
            continue
        is_legal = not status.standing.against(_reopening(status, to))
        move(status, "reopen", ADA, to=to, force=FORCE)
        after, event = status.package("WP01"), status.history("WP01")[-1]
        assert (after.lane, after.force_count) == (to, before.force_count + (not is_legal))
        assert isinstance(event.fact, PackageTransitioned)
        assert (event.fact.force is None) == is_legal
        if event.fact.force is not None:
            assert (event.effector, event.fact.force.accountable, event.fact.force.reason) == (
                ADA,
                PERSON,
                FORCE.reason,
            )


def _reopening(status: MissionStatus, to: Lane) -> Wish:
    return Wish(package="WP01", effector=ADA, operation=LaneOperation.REOPEN, given=everything(status), to=to)


@pytest.mark.parametrize("lane", list(Lane))
def test_property_06_a_wish_is_judged_the_same_with_force_and_without(lane: Lane) -> None:
    status = at(lane)
    for operation, to in product(LaneOperation, Lane):
        for given in (Given(reason=FORCE.reason), everything(status, reason=FORCE.reason)):
            wish = Wish(package="WP01", effector=ADA, operation=operation, given=given, to=to)
            forced = replace(wish, given=replace(given, force=FORCE))
            assert status.standing.against(forced) == status.standing.against(wish)


@pytest.mark.parametrize("lane", list(Lane))
def test_property_06_nothing_begins_a_second_time(lane: Lane) -> None:
    status = at(lane)
    for package, fact in (
        ("WP01", PackageSeeded(kind="package_seeded", work_package_digest=TOLD, lane=RULES.initial)),
        (None, MissionCreated(kind="mission_created", mission_digest=TOLD)),
    ):
        with pytest.raises(StreamInvalid):
            status.state(package, fact, ADA)
    assert status.lane("WP01") is lane


@pytest.mark.parametrize("lane", [Lane.DONE, Lane.CANCELED])
def test_property_06_nothing_is_forced_out_of_a_lane_that_ends(lane: Lane) -> None:
    for to in Lane:
        with pytest.raises(TransitionRefused) as refused:
            decide(RULES, GuardFacts(state=state(lane), effector=ADA, to=to), LaneOperation.REOPEN, force=FORCE)
        assert refused.value.reason == "FORCE_REFUSED"


def test_property_06_an_override_says_why_and_leads_somewhere_else() -> None:
    planned = state(Lane.PLANNED)
    for to, reason, code in ((Lane.APPROVED, "  ", "REASON_MISSING"), (Lane.PLANNED, "So it is.", "FORCE_REFUSED")):
        with pytest.raises(TransitionRefused) as refused:
            decide(
                RULES,
                GuardFacts(state=planned, effector=ADA, to=to, reason=reason),
                LaneOperation.APPROVE,
                force=Force(accountable=PERSON, reason=reason),
            )
        assert refused.value.reason == code


def test_every_guard_that_a_table_may_name_is_there() -> None:
    for source in SHIPPED:
        assert {guard for edge in source.edges for guard in edge.guards} <= set(GUARDS)
        rules = Table(source)
        assert all(rules.edges(lane) == () for lane in rules.terminal)
        assert all(rules.edges(lane) for lane in Lane if lane not in rules.terminal)
