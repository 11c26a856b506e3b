"""The communication artefact: one digest, what it covers, and that it promises what the status keeps."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.canonical import digest, digest_bytes
from dome_contracts.schema.governance.agent_profile import AgentRole
from dome_contracts.schema.governance.governance_context import GovernanceContext
from dome_contracts.schema.mission_runtime.communication_artefact import CommunicationArtefact, Prior
from dome_contracts.schema.missions.status_event import EffectorBound, NoteAdded
from dome_contracts.schema.shared.definitions import Effector, LaneOperation, MissionAction
from dome_spec.governance import ContextQuery, build_charter_context
from dome_spec.governance.doctrine import built_in_sources, lay
from dome_spec.kernel import read_document
from dome_spec.kernel.vcs_probe import WorkingTree
from dome_spec.mission_runtime import (
    ActionQuery,
    Surroundings,
    Told,
    assemble,
    board,
    resolve_action_context,
    to_json,
    to_text,
    witness_in,
)
from dome_spec.missions.status import Given, MissionStatus, TransitionRefused, Wish
from dome_spec.missions.store import MemoryStore
from tests.missions_made import (
    ADA,
    AGENT,
    CHARTER,
    COMMIT,
    OTHER,
    REPOSITORY_ID,
    begun,
    everything,
    move,
    package,
    review,
    to_review,
)

MAIN = WorkingTree(Path("/home/ada/main"), "refs/heads/main", COMMIT)
DOCTRINE = lay(built_in_sources())


def governance(effector: Effector, action: MissionAction) -> GovernanceContext:
    query = ContextQuery(
        action=action.value, mission_type="software-change", profile=effector.profile_ref, paths=("src/wp01/**",)
    )
    return build_charter_context(query, CHARTER, DOCTRINE)


def told(status: MissionStatus, effector: Effector = AGENT, **more: Any) -> Told:
    in_review = status.lane("WP01").value in {"for_review", "in_review"}
    action = MissionAction.REVIEW if in_review else MissionAction.IMPLEMENT
    surroundings = Surroundings(
        repository_id=REPOSITORY_ID, trees=(MAIN,), working_directory=MAIN.root, time="2026-01-02T03:04:05Z"
    )
    query = ActionQuery(action=action, package="WP01")
    stated: dict[str, Any] = {
        "standing": status.standing,
        "package": "WP01",
        "effector": effector,
        "governance": governance(effector, action),
        "execution": resolve_action_context(query, status.standing, surroundings),
    }
    return Told(**{**stated, **more})


def started() -> MissionStatus:
    status = begun(MemoryStore(), package("WP01", subtasks=[{"id": "T001", "title": "a"}]))
    move(status, "claim")
    move(status, "start")
    return status


@given(st.sampled_from(["begun", "started", "in review", "rejected"]), st.sampled_from([AGENT, OTHER]))
def test_property_27_text_and_json_say_the_same_digest(stage: str, effector: Effector) -> None:
    status = at(stage)
    artefact = assemble(told(status, effector))
    assert read_document(CommunicationArtefact, to_json(artefact)) == artefact
    assert witness_in(to_text(artefact)) == (artefact.digest, artefact.stream_version)
    assert to_text(artefact) == to_text(assemble(told(status, effector)))


def at(stage: str) -> MissionStatus:
    status = begun(MemoryStore())
    if stage == "begun":
        return status
    if stage == "started":
        move(status, "claim")
        move(status, "start")
        return status
    to_review(status)
    if stage == "rejected":
        status.review(review(status, "changes_requested"), OTHER)
        move(status, "request_changes", OTHER)
    return status


def test_property_27_any_event_of_the_package_makes_it_stale() -> None:
    status = started()
    before = assemble(told(status))
    status.state("WP01", NoteAdded(kind="note_added", text="So it is."), ADA)
    after = assemble(told(status))
    assert after.digest != before.digest
    assert after.stream_version == before.stream_version + 1


@given(st.sampled_from(["begun", "started", "in review", "rejected"]), st.sampled_from([AGENT, OTHER]))
def test_property_27_what_it_allows_is_what_the_status_accepts(stage: str, effector: Effector) -> None:
    status = at(stage)
    shown = assemble(told(status, effector))
    allowed = {(each.edge.operation, each.edge.to) for each in shown.allowed_operations}
    permitted = set(governance(effector, MissionAction.IMPLEMENT).allowance.authority.operations)
    for edge in status.standing.table.edges(status.lane("WP01")):
        copy = at(stage)
        wish = Wish(package="WP01", effector=effector, operation=edge.operation, given=everything(copy), to=edge.to)
        try:
            copy.transition(wish)
        except TransitionRefused:
            assert (edge.operation, edge.to) not in allowed
        else:
            assert ((edge.operation, edge.to) in allowed) == (edge.operation in permitted)


def test_another_effector_or_another_rule_makes_another_artefact() -> None:
    status = started()
    first = assemble(told(status))
    assert assemble(told(status, AGENT.model_copy(update={"model": "m-2"}))).digest != first.digest
    stricter = replace(told(status), governance=governance(OTHER, MissionAction.IMPLEMENT))
    assert assemble(stricter).digest != first.digest


def test_what_was_learnt_is_attached_and_makes_nothing_stale() -> None:
    status = started()
    prior = Prior.from_value({"capsule": digest_bytes(b"x"), "standing": "advisory", "text": "It failed twice."})
    first, second = assemble(told(status)), assemble(told(status, priors=(prior,)))
    assert first.digest == second.digest
    assert second.priors is not None
    assert second.priors.digest == digest([prior.to_value()])
    assert "advisory: It failed twice." in to_text(second)


def test_the_findings_of_a_review_are_told_to_who_reworks() -> None:
    text = to_text(assemble(told(at("rejected"))))
    assert "[blocks] It does not work." in text


def test_an_implementer_is_told_rules_files_and_what_to_do_next() -> None:
    status = started()
    text = to_text(assemble(told(status)))
    for expected in ("stay-within", "src/wp01/**", "FR-001", "T001 [open]", "profile implementer", "dome mission move"):
        assert expected in text
    allowed = {each.edge.operation for each in assemble(told(status)).allowed_operations}
    assert LaneOperation.SUBMIT not in allowed  # a subtask is open


def test_property_28_who_was_recommended_and_who_acts_are_two_answers() -> None:
    wanted = {"role": "implementer", "profile_ref": "implementer", "model": "m-1"}
    status = begun(MemoryStore(), package("WP01", recommendation=wanted))
    (before,) = board(status.standing).value["packages"]
    assert before["effector"] == {"acts": None, "recommended": wanted}
    move(status, "claim")
    (after,) = board(status.standing).value["packages"]
    assert after["effector"] == {"acts": AGENT.to_value(), "recommended": wanted}
    assert assemble(told(status)).effector == AGENT


def test_property_28_a_binding_says_more_of_who_holds_it_and_nothing_of_somebody_else() -> None:
    status = begun(MemoryStore())

    def acts() -> Any:
        (row,) = board(status.standing).value["packages"]
        return row["effector"]["acts"]

    before = EffectorBound(kind="effector_bound", role=AgentRole.IMPLEMENTER, bound=OTHER)
    status.state("WP01", before, ADA)
    assert acts() == OTHER.to_value()
    move(status, "claim")
    assert acts() == AGENT.to_value()
    more = AGENT.model_copy(update={"model": "m-2"})
    status.state("WP01", EffectorBound(kind="effector_bound", role=AgentRole.IMPLEMENTER, bound=more), ADA)
    assert acts() == more.to_value()


def test_without_a_witness_nothing_is_claimed() -> None:
    status = begun(MemoryStore())
    wish = Wish(package="WP01", effector=AGENT, operation=LaneOperation.CLAIM, given=Given())
    assert [each.code for each in status.standing.against(wish)] == ["STALE_ARTEFACT"]
