"""What an effector may do at all: a person without a profile everything, anybody else what the profile says."""

from typing import Any

import pytest

from dome_contracts.schema.governance.charter import Charter
from dome_contracts.schema.governance.governance_context import GovernanceContext
from dome_contracts.schema.shared.definitions import Effector, LaneOperation
from dome_spec.governance import ContextQuery, build_charter_context
from dome_spec.governance.doctrine import built_in_sources, lay
from dome_spec.mission_runtime import (
    Deed,
    NotPermitted,
    permitted,
    refuse_beyond,
    refuse_deed,
    refuse_other_hands,
)
from dome_spec.missions.status import TransitionRefused
from dome_spec.missions.store import MemoryStore
from tests.missions_made import ADA, AGENT, OTHER, begun, move

DOCTRINE = lay(built_in_sources())
CHARTER = Charter.from_value(
    {
        "schema_version": "1",
        "version": "1.0.0",
        "title": "Charter",
        "purpose": "Try things.",
        "adopted": {"accountable": {"kind": "human", "id": "ada"}, "time": "2026-01-02T03:04:05Z"},
        "activation": {},
        "policies": {},
    }
)


def effector(kind: str, profile: str | None = None) -> Effector:
    named: dict[str, Any] = {} if profile is None else {"profile_ref": profile}
    return Effector.from_value({"kind": kind, "id": "ada", **named})


def governance(who: Effector) -> GovernanceContext:
    query = ContextQuery(action="implement", mission_type="software-change", profile=who.profile_ref)
    return build_charter_context(query, CHARTER, DOCTRINE)


def refused(operation: str, who: Effector, *, is_forced: bool = False) -> bool:
    try:
        refuse_beyond(LaneOperation(operation), who, governance(who), is_forced=is_forced)
    except NotPermitted:
        return True
    return False


def test_a_person_without_a_profile_may_do_everything() -> None:
    person = effector("human")
    assert permitted(person, governance(person)) == frozenset(LaneOperation)
    assert not any(refused(each.value, person, is_forced=forced) for each in LaneOperation for forced in (False, True))


@pytest.mark.parametrize("kind", ["llm", "service"])
def test_a_model_or_a_program_without_a_profile_may_do_nothing(kind: str) -> None:
    assert permitted(effector(kind), governance(effector(kind))) == frozenset()
    assert all(refused(each.value, effector(kind)) for each in LaneOperation)


@pytest.mark.parametrize("kind", ["human", "llm", "service"])
def test_whoever_acts_with_a_profile_may_do_what_it_says_and_no_more(kind: str) -> None:
    implementer, reviewer = effector(kind, "implementer"), effector(kind, "reviewer")
    assert not refused("claim", implementer)
    assert refused("approve", implementer)
    assert not refused("approve", reviewer)
    assert refused("submit", reviewer)
    with pytest.raises(NotPermitted, match="the profile implementer allows"):
        refuse_beyond(LaneOperation.APPROVE, implementer, governance(implementer), is_forced=False)


@pytest.mark.parametrize("kind", ["human", "llm"])
def test_a_profile_that_never_overrides_the_table_does_not(kind: str) -> None:
    assert refused("submit", effector(kind, "implementer"), is_forced=True)


@pytest.mark.parametrize("kind", ["llm", "service"])
def test_no_model_and_no_program_overrides_the_table_in_a_persons_name(kind: str) -> None:
    assert not refused("block", effector(kind, "manager"))
    assert refused("block", effector(kind, "manager"), is_forced=True)
    assert not refused("block", effector("human", "manager"), is_forced=True)


@pytest.mark.parametrize("deed", Deed)
def test_beside_changes_of_lanes_a_model_does_what_a_profile_allows_it_and_a_person_everything(deed: Deed) -> None:
    for who in (effector("human"), effector("human", "implementer"), effector("llm", "reviewer")):
        refuse_deed(deed, who, governance(who))
    for kind in ("llm", "service"):
        who = effector(kind)
        with pytest.raises(NotPermitted, match=f"may not {deed.value}. it has no profile"):
            refuse_deed(deed, who, governance(who))


def test_a_fork_is_settled_by_whoever_may_judge() -> None:
    implementer, manager = effector("llm", "implementer"), effector("llm", "manager")
    refuse_deed(Deed.ACKNOWLEDGE, manager, governance(manager))
    with pytest.raises(NotPermitted, match="allows none of approve, reopen"):
        refuse_deed(Deed.ACKNOWLEDGE, implementer, governance(implementer))


def test_the_holder_of_a_package_and_people_speak_for_it() -> None:
    status = begun(MemoryStore())
    refuse_other_hands(status.package("WP01"), ADA)
    with pytest.raises(TransitionRefused, match="nobody holds it"):
        refuse_other_hands(status.package("WP01"), AGENT)
    move(status, "claim")
    refuse_other_hands(status.package("WP01"), AGENT)
    with pytest.raises(TransitionRefused, match="agent-1 holds it"):
        refuse_other_hands(status.package("WP01"), OTHER)
