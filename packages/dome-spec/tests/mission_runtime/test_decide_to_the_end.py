"""Whoever answers everything that a mission asks comes to its end, for every type of mission and whatever it asks."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dome_contracts.schema.governance.mission_type import MissionType
from dome_contracts.schema.governance.step_contract import InputKind, Need, StepContract
from dome_contracts.schema.mission_runtime.mission_run import MissionRun, StepState, Strictness
from dome_contracts.schema.missions.acceptance import AcceptanceVerdict
from dome_contracts.schema.missions.status_event import MissionAccepted, MissionIntegrated
from dome_contracts.schema.missions.work_package import WorkPackage
from dome_contracts.schema.shared.definitions import Effector, Lane
from dome_spec.kernel import FixedClock
from dome_spec.mission_runtime import answered, completed
from dome_spec.mission_runtime.run import pin, responsibility
from dome_spec.missions.status import MissionStatus
from dome_spec.missions.store import MemoryStore
from tests.decisions_asked import AT, MANAGER, TYPE, of_type, run, step
from tests.mission_walks import forward, receipt
from tests.missions_made import ADA, AGENT, PERSON, TOLD, a_mission, ids, loaded, package, told
from tests.missions_made import AT as MOMENT
from tests.suite import tried

BEFORE = ("specify", "plan", "analyze", "finalize")
ROLES = st.sampled_from(["planner", "implementer", "reviewer", "manager"])
KINDS = st.sampled_from(["answer", "answer", "answer", "mission", "feedback"])
NEEDS = st.sampled_from(["required", "required", "optional"])
NEEDED = ("owner", "deadline", "colour")
"""Names of answers: few, so that steps ask for the same one."""


@st.composite
def mission_types(draw: st.DrawFn) -> MissionType:
    """Any steps before the packages, in any order that their dependencies leave; then a full or a small way of work."""
    steps: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 4))):
        known = [each["id"] for each in steps]
        actions = draw(st.lists(st.sampled_from(BEFORE), min_size=1, max_size=2, unique=True))
        after = draw(st.lists(st.sampled_from(known), unique=True)) if known else []
        steps.append(_step(f"before-{number}", actions, draw(ROLES), after))
    before = [each["id"] for each in steps]
    if draw(st.booleans()):
        steps[-1]["actions"] = [*steps[-1]["actions"], "implement", "review"]
    else:
        steps.append(_step("work", ["implement"], "implementer", before))
        steps.append(_step("look", ["review"], "reviewer", ["work"]))
    ready = [each["id"] for each in steps]
    steps.append(_step("judge", ["accept"], draw(ROLES), ready))
    steps.append(_step("land", ["integrate"], draw(ROLES), ["judge"]))
    return MissionType.from_value({**TYPE.to_value(), "steps": draw(st.permutations(steps)), "artefacts": []})


def _step(name: str, actions: list[str], role: str, after: list[str]) -> dict[str, Any]:
    return {"id": name, "title": name.title(), "actions": actions, "role": role, **({"after": after} if after else {})}


@st.composite
def contracts(draw: st.DrawFn, of: MissionType) -> dict[str, StepContract]:
    """What each step needs: answers that it cannot do without, others, and things that are no answers."""
    found = {}
    for each in of.steps:
        inputs = [
            {"id": name, "kind": draw(KINDS), "need": draw(NEEDS)}
            for name in draw(st.lists(st.sampled_from(NEEDED), unique=True))
        ]
        value = {
            "schema_version": "1",
            "id": each.id,
            "version": "1.0.0",
            "title": each.title,
            "action": each.actions[0],
            "guidance": "Ask.",
            "inputs": [{**given, "sources": ["explicit"]} for given in inputs],
            "outputs": [],
            "exit_conditions": [{"id": "agreed", "text": "It is agreed.", "proof": "manual_check"}],
        }
        if draw(st.integers(0, 3)):
            found[each.id] = StepContract.from_value(value)
    return found


@dataclass
class Worker:
    """Does whatever the next decision says, with success, and counts what that was."""

    status: MissionStatus
    of: MissionType
    going: MissionRun
    packages: tuple[WorkPackage, ...]
    seen: Counter[str]

    def obey(self, decision: dict[str, Any]) -> None:
        if decision["kind"] == "decision_required":
            name, _, _ = decision["question_id"].partition(":")
            assert decision["question_id"] not in {each.question_id for each in self.going.answers}
            who = ADA if decision["audience"] == "accountable" else AGENT
            value = "approve" if name == "audit" else "tomorrow"
            self.going = answered(self.going, decision["question_id"], value, answerer=who, time=AT)
            self.seen[name] += 1
        elif decision["kind"] == "blocked":
            assert [each["reason"] for each in decision["blocks"]] == ["mission_not_finalized"]
            self.status.finalize(self.packages, ADA)
            self.seen["finalize"] += 1
        else:
            assert decision["artefact"] == TOLD
            if "package" not in decision and decision["step_id"].startswith("before"):
                (wanted,) = (each for each in self.of.steps if each.id == decision["step_id"])
                assert set(wanted.after or ()) <= done(self.going)
                assert wanted.id not in done(self.going)
            self.work(decision)
            self.seen["package" if "package" in decision else "step"] += 1

    def work(self, decision: dict[str, Any]) -> None:
        match decision["action"]:
            case "implement" | "review" if "package" in decision:
                name = decision["package"]["work_package_id"]
                until = Lane.FOR_REVIEW if decision["action"] == "implement" else Lane.APPROVED
                while self.status.lane(name) is not until:
                    assert forward(self.status, name)
            case "accept":
                verdict = AcceptanceVerdict.ACCEPTED
                self.status.state(
                    None, MissionAccepted(kind="mission_accepted", acceptance_digest=TOLD, verdict=verdict), ADA
                )
            case "integrate":
                landed = receipt("op-01hy2y63cm7n59a7hdtrjvmwd0")
                self.status.state(None, MissionIntegrated(kind="mission_integrated", receipt=landed), ADA)
            case _:
                self.going = completed(self.going, decision["step_id"], time=AT)


def done(going: MissionRun) -> set[str]:
    """The steps that were carried out."""
    return {each.step_id for each in going.steps if each.state is StepState.COMPLETED}


def bound(of: MissionType, asked: dict[str, StepContract], strictness: Strictness, packages: int) -> int:
    """How many decisions there may be at most: one a step, one a question, two a package, and that they are fixed."""
    answers = {
        given.id
        for each in asked.values()
        for given in each.inputs
        if (given.kind, given.need) == (InputKind.ANSWER, Need.REQUIRED)
    }
    audits = [each for each in of.steps if responsibility(each, PERSON, None, strictness).is_audited]
    return len(of.steps) + len(answers) + len(audits) + 2 * packages + 1


def begins(of: MissionType, store: MemoryStore) -> MissionStatus:
    """A mission of the type that begins, by the type's own table."""
    rules = of.transition_table
    status = MissionStatus.create(
        store, a_mission(rules, mission_type=pin(of)), rules, clock=FixedClock(MOMENT), ids=ids()
    )
    status.trust(told)
    return status


def carried_out(
    of: MissionType,
    asked: dict[str, StepContract],
    strictness: Strictness,
    packages: tuple[WorkPackage, ...],
    effector: Effector | None,
) -> Counter[str]:
    """Obey until there is nothing more to do; what was done. It is done, within the bound."""
    store = MemoryStore()
    status = begins(of, store)
    worker = Worker(status, of, run(strictness.value, of), packages, Counter())
    for _ in range(bound(of, asked, strictness, len(packages))):
        decision = step(status, worker.going, mission_type=of, contracts=asked, effector=effector)
        if decision["kind"] == "terminal":
            break
        worker.obey(decision)
    last = step(status, worker.going, mission_type=of, contracts=asked, effector=effector)
    assert last == {"kind": "terminal", "outcome": "done"}
    assert {each.lane for each in status.snapshot.packages.values()} == {Lane.APPROVED}
    status.save()
    kept = loaded(store)
    assert kept.snapshot == status.snapshot
    assert kept.standing.table.source == of.transition_table
    return worker.seen


def test_property_20_answering_everything_with_success_comes_to_the_end_in_as_many_steps_as_there_are() -> None:
    seen = Counter[str]()

    @settings(max_examples=tried(100, few=25), derandomize=True, database=None, phases=[Phase.generate, Phase.shrink])
    @given(st.data(), mission_types(), st.sampled_from(Strictness), st.integers(1, 3), st.sampled_from([None, MANAGER]))
    def law(
        data: st.DataObject, of: MissionType, strictness: Strictness, count: int, effector: Effector | None
    ) -> None:
        asked = data.draw(contracts(of))
        names = [f"WP{place:02d}" for place in range(1, count + 1)]
        packages = tuple(package(name, dependencies=names[:place][-1:]) for place, name in enumerate(names))
        seen.update(carried_out(of, asked, strictness, packages, effector).keys())

    law()
    # Questions of both kinds were asked, or nothing of this was shown.
    assert {"input", "audit", "step", "package", "finalize"} == set(seen)
    assert min(seen.values()) >= 5, seen


def test_property_20_the_types_that_ship_come_to_their_end() -> None:
    for name in ("software-change", "small-change"):
        of = of_type(name)
        for strictness in Strictness:
            seen = carried_out(of, {}, strictness, (package("WP01"),), None)
            assert seen["package"] == 2
            assert bool(seen["audit"]) == (strictness is not Strictness.OFF)


def needing(action: str) -> dict[str, StepContract]:
    """Contracts by which the step of an action needs an answer."""
    value = {
        "schema_version": "1",
        "id": action,
        "version": "1.0.0",
        "title": action.title(),
        "action": action,
        "guidance": "Ask.",
        "inputs": [{"id": "owner", "kind": "answer", "need": "required", "sources": ["explicit"]}],
        "outputs": [],
        "exit_conditions": [{"id": "agreed", "text": "It is agreed.", "proof": "manual_check"}],
    }
    return {action: StepContract.from_value(value)}


@pytest.mark.parametrize("strictness", ["off", "max"])
@pytest.mark.parametrize("action", ["specify", "plan", "implement", "review", "accept", "integrate"])
def test_property_20_no_step_is_handed_out_before_what_it_asks_is_answered(action: str, strictness: str) -> None:
    of, asked = of_type("software-change"), needing(action)
    status = begins(of, MemoryStore())
    worker = Worker(status, of, run(strictness, of), (package("WP01"),), Counter())
    answers = {f"input:{given.id}" for given in asked[action].inputs} | (
        {f"audit:{action}"} if strictness == "max" else set()
    )
    for _ in range(30):
        decision = step(status, worker.going, mission_type=of, contracts=asked)
        if decision.get("action") == action:
            assert answers <= {each.question_id for each in worker.going.answers}
            return
        worker.obey(decision)
    raise AssertionError(f"{action} never came")
