"""What comes next by the steps of a run."""

from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.schema.governance.step_contract import StepContract
from dome_contracts.schema.mission_runtime.mission_run import Strictness
from dome_contracts.schema.shared.definitions import Effector, MissionAction
from dome_spec.mission_runtime import (
    answered,
    completed,
    failed,
    resumed,
)
from dome_spec.mission_runtime.run import responsibility
from tests.decisions_asked import (
    AT,
    MANAGER,
    REVIEWER,
    TYPE,
    created,
    finalized,
    of_type,
    reasons,
    run,
    step,
)
from tests.missions_made import (
    ADA,
    AGENT,
    PERSON,
    package,
    table,
    to_review,
)


def test_before_the_packages_are_fixed_the_steps_of_the_run_come() -> None:
    status, first = created(), run()
    assert step(status, first)["step_id"] == "specify"
    second = completed(first, "specify", time=AT)
    assert step(status, second)["step_id"] == "plan"
    third = completed(second, "plan", time=AT)
    assert reasons(step(status, third)) == ["mission_not_finalized"]


@given(st.sampled_from(["created", "finalized", "in review"]), st.sampled_from([None, AGENT, REVIEWER, MANAGER]))
def test_property_22_a_template_that_changed_always_blocks(stage: str, effector: Effector | None) -> None:
    status = created() if stage == "created" else finalized(package("WP01"))
    if stage == "in review":
        to_review(status)
    other = TYPE.model_copy(update={"title": "Another"})
    assert reasons(step(status, run(), effector=effector, mission_type=other)) == ["template_drift"]


def test_property_22_a_step_without_an_artefact_is_no_step() -> None:
    assert reasons(step(finalized(package("WP01")), told=None)) == ["artefact_unavailable"]
    assert reasons(step(created(), run(), told=None)) == ["artefact_unavailable"]


@given(
    st.sampled_from(["software-change", "small-change"]),
    st.sampled_from(Strictness),
    st.sampled_from([None, AGENT, MANAGER]),
)
def test_property_23_who_answers_is_always_a_person(
    name: str, strictness: Strictness, effector: Effector | None
) -> None:
    for each in of_type(name).steps:
        found = responsibility(each, PERSON, effector, strictness)
        assert found.accountable.kind == "human"
        assert not found.is_audited or found.responsible == PERSON


def test_an_audited_step_asks_the_accountable_person_first() -> None:
    status, strict = created(), run("max")
    question = step(status, strict)
    assert (question["question_id"], question["audience"]) == ("audit:specify", "accountable")
    agreed = answered(strict, "audit:specify", "approve", answerer=ADA, time=AT)
    assert step(status, agreed)["step_id"] == "specify"
    refused = answered(strict, "audit:specify", "reject", answerer=ADA, time=AT)
    assert reasons(step(status, refused)) == ["step_failed"]


def test_nobody_else_says_yes_for_the_accountable_person() -> None:
    status, strict = created(), run("max")
    for other in (AGENT, Effector.from_value({"kind": "human", "id": "eve"}), AGENT.model_copy(update={"id": "ada"})):
        claimed = answered(strict, "audit:specify", "approve", answerer=other, time=AT)
        assert step(status, claimed)["kind"] == "decision_required"


def test_property_22_a_run_that_began_after_the_template_changed_is_blocked_too() -> None:
    other = TYPE.model_copy(update={"title": "Another"})
    late = run(mission_type=other)
    assert reasons(step(created(), late, mission_type=other)) == ["template_drift"]


def test_an_answer_that_a_step_needs_is_asked_for() -> None:
    contract = StepContract.from_value(
        {
            "schema_version": "1",
            "id": "specify",
            "version": "1.0.0",
            "title": "Specify",
            "action": "specify",
            "guidance": "Ask.",
            "inputs": [{"id": "owner", "kind": "answer", "need": "required", "sources": ["explicit"]}],
            "outputs": [],
            "exit_conditions": [{"id": "agreed", "text": "The owner agrees.", "proof": "manual_check"}],
        }
    )
    question = step(created(), run(), contracts={"specify": contract})
    assert (question["kind"], question["question_id"]) == ("decision_required", "input:owner")


def test_a_run_that_failed_waits_until_somebody_has_looked() -> None:
    status, broken = created(), failed(run(), "specify", "Nobody knows.", time=AT)
    assert reasons(step(status, broken)) == ["step_failed"]
    assert step(status, resumed(broken))["step_id"] == "specify"


def test_a_small_change_has_one_step_for_the_work() -> None:
    small = of_type("small-change")
    assert {each for found in small.steps for each in found.actions} >= {MissionAction.IMPLEMENT, MissionAction.REVIEW}
    assert table("small-change").id == "nine-lanes-small"
