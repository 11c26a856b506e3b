"""What comes next: deterministic, total, true to the board, and with an end."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.canonical import canonical_bytes, digest, digest_bytes
from dome_contracts.schema.governance.directive import DoctrineKind
from dome_contracts.schema.governance.mission_type import MissionType
from dome_contracts.schema.governance.step_contract import StepContract
from dome_contracts.schema.mission_runtime.mission_run import MissionRun, Strictness
from dome_contracts.schema.mission_runtime.run_decision import RunDecision
from dome_contracts.schema.missions.acceptance import AcceptanceVerdict
from dome_contracts.schema.missions.status_event import (
    CommitReceipt,
    MissionAccepted,
    MissionCanceled,
    MissionIntegrated,
    NoteAdded,
    ReceiptSource,
)
from dome_contracts.schema.shared.definitions import Effector, Lane, MissionAction
from dome_spec.governance.doctrine import built_in_sources, lay
from dome_spec.kernel import FixedClock, read_document
from dome_spec.mission_runtime import (
    NextQuery,
    answered,
    attention,
    completed,
    decide_next,
    failed,
    resumed,
    start_mission_run,
)
from dome_spec.mission_runtime.run import pin, responsibility
from dome_spec.missions.status import Force, MissionStatus
from dome_spec.missions.store import MemoryStore
from tests.missions_made import (
    ADA,
    AGENT,
    COMMIT,
    OTHER,
    PERSON,
    TABLE,
    a_mission,
    begun,
    ids,
    loaded,
    mission,
    move,
    package,
    table,
    to_review,
)
from tests.missions_made import AT as MOMENT

AT = "2026-01-02T03:04:05Z"
DOCTRINE = lay(built_in_sources())
TOLD = digest_bytes(b"told")
MANAGER = Effector.from_value({"kind": "human", "id": "ada", "role": "manager"})
REVIEWER = OTHER


def of_type(name: str = "software-change") -> MissionType:
    document = DOCTRINE.document((DoctrineKind.MISSION_TYPE, name))
    assert isinstance(document, MissionType)
    return document


TYPE = of_type()
MISSION = a_mission(mission_type=pin(TYPE))


def run(strictness: str = "off", mission_type: MissionType = TYPE) -> MissionRun:
    return start_mission_run(
        a_mission(mission_type=pin(mission_type)),
        mission_type,
        run_id="run-1",
        starter=ADA,
        start_time=AT,
        strictness=Strictness(strictness),
    )


def created(mission_type: MissionType = TYPE) -> MissionStatus:
    of = a_mission(mission_type=pin(mission_type))
    return MissionStatus.create(MemoryStore(), of, TABLE, clock=FixedClock(MOMENT), ids=ids())


def finalized(*packages: Any) -> MissionStatus:
    return begun(MemoryStore(), *packages, of=MISSION)


def asked(
    status: MissionStatus,
    of: MissionRun | None = None,
    *,
    effector: Effector | None = None,
    contracts: dict[str, StepContract] | None = None,
    told: str | None = TOLD,
    mission_type: MissionType = TYPE,
) -> RunDecision:
    query = NextQuery(
        standing=status.standing,
        mission_type=mission_type,
        run=of,
        effector=effector,
        artefact_of=lambda action, package: told,
        contracts=contracts or {},
    )
    decided = decide_next(query, is_query=False)
    preview = decide_next(query, is_query=True)
    assert decided.decision.kind != "query"
    assert preview.decision.to_value() == {"kind": "query", "preview": decided.decision.to_value()}
    assert canonical_bytes(decided.to_value()) == canonical_bytes(decide_next(query, is_query=False).to_value())
    return read_document(RunDecision, decided.to_value())


def step(status: MissionStatus, *arguments: Any, **more: Any) -> Any:
    return asked(status, *arguments, **more).decision.to_value()


def reasons(decision: dict[str, Any]) -> list[str]:
    return [each["reason"] for each in decision["blocks"]]


FORCE = Force(accountable=PERSON, reason="For the test.")


def put(status: MissionStatus, name: str, lane: Lane) -> None:
    """Bring a package into a lane, by the ordinary way as far as there is one."""
    if lane is Lane.PLANNED:
        return
    move(status, "approve", ADA, name=name, to=lane, force=FORCE)


def test_before_the_packages_are_fixed_the_steps_of_the_run_come() -> None:
    status, first = created(), run()
    assert step(status, first)["step_id"] == "specify"
    second = completed(first, "specify", time=AT)
    assert step(status, second)["step_id"] == "plan"
    third = completed(second, "plan", time=AT)
    assert reasons(step(status, third)) == ["mission_not_finalized"]


def test_of_a_finalised_mission_the_board_decides_whatever_the_run_believes() -> None:
    status = finalized(package("WP01"), package("WP02", dependencies=["WP01"]))
    decision = asked(status, run())
    assert decision.origin.value == "board"
    found = decision.decision.to_value()
    assert (found["action"], found["package"]["work_package_id"]) == ("implement", "WP01")


def test_work_is_carried_out_then_reviewed_then_judged_then_brought_home() -> None:
    status = finalized(package("WP01"))
    assert step(status)["action"] == "implement"
    for operation in ("claim", "start", "submit"):
        move(status, operation)
    assert step(status, effector=REVIEWER)["action"] == "review"
    move(status, "begin_review", OTHER)
    assert reasons(step(status, effector=AGENT)) == ["review_in_progress"]
    put(status, "WP01", Lane.APPROVED)
    assert step(status)["action"] == "accept"
    accepted = MissionAccepted(kind="mission_accepted", acceptance_digest=TOLD, verdict=AcceptanceVerdict.ACCEPTED)
    status.state(None, accepted, ADA)
    assert step(status)["action"] == "integrate"
    receipt = CommitReceipt(
        operation_id="op-01hy2y63cm7n59a7hdtrjvmwd0",
        commit=COMMIT,
        parent=COMMIT,
        destination_ref="refs/heads/main",
        found_by=ReceiptSource.ANSWER,
    )
    status.state(None, MissionIntegrated(kind="mission_integrated", receipt=receipt), ADA)
    assert step(status) == {"kind": "terminal", "outcome": "done"}


def test_the_holder_goes_on_with_what_it_holds() -> None:
    status = finalized(package("WP01"), package("WP02"))
    move(status, "claim", name="WP02")
    assert step(status, effector=AGENT)["package"]["work_package_id"] == "WP02"
    assert (
        step(status, effector=REVIEWER.model_copy(update={"role": "implementer"}))["package"]["work_package_id"]
        == "WP01"
    )


def test_nobody_is_offered_the_review_of_their_own_work() -> None:
    status = finalized(package("WP01"))
    for operation in ("claim", "start", "submit"):
        move(status, operation)
    assert reasons(step(status, effector=AGENT.model_copy(update={"role": "reviewer"}))) == ["review_in_progress"]


def test_a_canceled_mission_is_over() -> None:
    status = finalized(package("WP01"))
    status.state(None, MissionCanceled(kind="mission_canceled", accountable=PERSON, reason="Enough."), ADA)
    assert step(status) == {"kind": "terminal", "outcome": "canceled"}


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


def test_a_fork_of_the_mission_itself_blocks_until_somebody_has_looked() -> None:
    store = MemoryStore()
    begun(store, package("WP01"), of=MISSION)
    sides = [loaded(store, maker=ids(start)) for start in (50_000, 60_000)]
    for side in sides:
        side.state(None, NoteAdded(kind="note_added", text="So it is."), ADA)
        store.merge(side.history(), name=store.missions()[0])
    status = loaded(store, maker=ids(70_000))
    assert reasons(step(status)) == ["conflict_unacknowledged"]
    assert [each.reason for each in attention(status.standing)] == ["conflict"]
    status.acknowledge(None, "They say the same.", ADA)
    assert step(status)["action"] == "implement"
    status.save()
    assert step(loaded(store))["action"] == "implement"


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


@given(st.sampled_from(Strictness), st.sampled_from(["software-change", "small-change"]))
def test_property_20_answering_everything_comes_to_an_end(strictness: Strictness, name: str) -> None:
    mission_type = of_type(name)
    status = created(mission_type)
    going = run(strictness.value, mission_type)
    bound = 2 * len(mission_type.steps) + 1
    for _ in range(bound):
        decision = step(status, going, mission_type=mission_type)
        if decision["kind"] == "step":
            going = completed(going, decision["step_id"], time=AT)
        elif decision["kind"] == "decision_required":
            going = answered(going, decision["question_id"], "approve", answerer=ADA, time=AT)
        else:
            break
    else:
        raise AssertionError("it comes to no end")
    assert reasons(decision) == ["mission_not_finalized"]


LANES = st.sampled_from(list(Lane))


@given(st.lists(LANES, min_size=1, max_size=3), st.booleans(), st.sampled_from([None, AGENT, REVIEWER, MANAGER]))
def test_property_21_the_decision_agrees_with_the_board(
    lanes: list[Lane], is_chained: bool, effector: Effector | None
) -> None:
    names = [f"WP{place:02d}" for place in range(1, len(lanes) + 1)]
    before = {name: [names[place - 1]] if is_chained and place else [] for place, name in enumerate(names)}
    status = finalized(*(package(name, dependencies=before[name]) for name in names))
    for name, lane in zip(names, lanes, strict=True):
        put(status, name, lane)
    decision = step(status, run(), effector=effector)
    at = dict(zip(names, lanes, strict=True))
    through = {Lane.APPROVED, Lane.DONE, Lane.CANCELED}
    if decision["kind"] == "step" and "package" in decision:
        name = decision["package"]["work_package_id"]
        if decision["action"] == "review":
            assert at[name] in {Lane.FOR_REVIEW, Lane.IN_REVIEW}
        else:
            assert at[name] in {Lane.PLANNED, Lane.CLAIMED, Lane.IN_PROGRESS}
            assert at[name] is not Lane.PLANNED or all(at[each] in {Lane.APPROVED, Lane.DONE} for each in before[name])
    elif decision["kind"] == "step":
        assert decision["action"] == "accept"
        assert set(lanes) <= through
    else:
        assert decision["kind"] == "blocked"
        assert not set(lanes) <= through
        named = {each for block in decision["blocks"] for each in block["packages"]}
        assert named == {name for name in names if at[name] not in through}


def test_a_table_that_asks_for_more_than_an_approval_blocks_and_fails_nobody() -> None:
    value = TYPE.to_value()
    value["transition_table"]["satisfying"] = ["done"]
    strict = MissionType.from_value(value)
    rules = strict.transition_table
    pinned = {"id": rules.id, "version": rules.version, "digest": digest(rules.to_value())}
    of = mission(transition_table=pinned, mission_type=pin(strict))
    status = MissionStatus.create(MemoryStore(), of, rules, clock=FixedClock(MOMENT), ids=ids())
    status.finalize((package("WP01"),), ADA)
    put(status, "WP01", Lane.APPROVED)
    assert reasons(step(status, mission_type=strict)) == ["all_claimed"]


def test_what_waits_for_something_that_was_given_up_needs_somebody() -> None:
    status = finalized(package("WP01"), package("WP02", dependencies=["WP01"]))
    assert attention(status.standing) == ()
    put(status, "WP01", Lane.CANCELED)
    found = [each.reason for each in attention(status.standing) if each.work_package_id == "WP02"]
    assert found == ["dependency_canceled"]


def test_a_small_change_has_one_step_for_the_work() -> None:
    small = of_type("small-change")
    assert {each for found in small.steps for each in found.actions} >= {MissionAction.IMPLEMENT, MissionAction.REVIEW}
    assert table("small-change").id == "nine-lanes-small"
