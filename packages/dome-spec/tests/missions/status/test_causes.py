"""What is said of a package holds in the order of causes: laws over attempts, whatever clocks and transport do."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.schema.missions.status_event import EffectorBound, EffectorUnbound, SubtaskStatus, WorkspaceRef
from dome_contracts.schema.shared.definitions import Effector
from dome_spec.missions.status import MissionStatus, reduce, subtask_changed
from dome_spec.missions.store import MemoryStore
from tests.mission_walks import RULES
from tests.missions_made import ADA, AGENT, COMMIT, MISSION_ID, OTHER, begun, move, package

ROLES = st.sampled_from(["implementer", "reviewer"])
SAID = st.one_of(
    st.tuples(st.just("bind"), ROLES, st.sampled_from([AGENT, OTHER, ADA])),
    st.tuples(st.just("unbind"), ROLES),
    st.tuples(st.just("subtask"), st.sampled_from(["T001", "T002"]), st.sampled_from(SubtaskStatus)),
)
ATTEMPTS = st.lists(st.tuples(st.sampled_from([AGENT, OTHER]), st.lists(SAID, max_size=4)), min_size=2, max_size=3)
"""Who tries it, and what is said meanwhile; every attempt but the last is given back."""


def tried(status: MissionStatus, attempts: list[tuple[Effector, list[tuple[Any, ...]]]]) -> dict[str, Any]:
    """Carry the attempts out; what then holds, as somebody would note it who stood by."""
    bound: dict[str, Effector] = {}
    subtasks: dict[str, SubtaskStatus] = {}
    for nth, (who, meanwhile) in enumerate(attempts, 1):
        move(status, "claim", who, workspace=WorkspaceRef(branch=f"refs/heads/attempt-{nth}", base=COMMIT))
        for kind, *words in meanwhile:
            if kind == "bind":
                bound[words[0]] = words[1]
                value = {"kind": "effector_bound", "role": words[0], "bound": words[1].to_value()}
                status.state("WP01", EffectorBound.from_value(value), ADA)
            elif kind == "unbind":
                bound.pop(words[0], None)
                status.state("WP01", EffectorUnbound.from_value({"kind": "effector_unbound", "role": words[0]}), ADA)
            else:
                subtasks[words[0]] = words[1]
                status.state("WP01", subtask_changed(status.standing, "WP01", words[0], status=words[1]), who)
        if nth < len(attempts):
            move(status, "release", who)
    return {
        "bound": bound,
        "subtasks": subtasks,
        "holder": attempts[-1][0],
        "branch": f"refs/heads/attempt-{len(attempts)}",
    }


@given(ATTEMPTS, st.data())
def test_property_10_what_is_said_holds_in_the_order_of_causes_whatever_clocks_and_transport_do(
    attempts: list[tuple[Effector, list[tuple[Any, ...]]]], data: st.DataObject
) -> None:
    store = MemoryStore()
    status = begun(store, package("WP01", subtasks=[{"id": each, "title": each} for each in ("T001", "T002")]))
    expected = tried(status, attempts)
    status.save()
    years = data.draw(st.lists(st.integers(2000, 2040), min_size=1, max_size=7))
    skewed = [
        each.model_copy(update={"occur_time": f"{years[place % len(years)]}-01-01T00:00:00Z"})
        for place, each in enumerate(store.events(MISSION_ID))
    ]
    state = reduce(data.draw(st.permutations(skewed)), RULES).packages["WP01"]
    assert {
        "bound": {role.value: who for role, who in state.bound.items()},
        "subtasks": dict(state.subtasks),
        "holder": state.holder,
        "branch": None if state.workspace is None else state.workspace.branch,
    } == expected
