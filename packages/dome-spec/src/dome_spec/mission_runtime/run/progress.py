"""A run of a mission's steps: how it begins, and how it goes on. Pure, over the run's document.

The template is the mission type as it was at the start, by digest. A run says which steps were done; of a mission that
is finalised the board says more, and goes before.
"""

from collections.abc import Sequence
from typing import Any

from dome_contracts.canonical import digest
from dome_contracts.schema.governance.mission_type import MissionStep, MissionType
from dome_contracts.schema.mission_runtime.mission_run import (
    Answer,
    Halt,
    MissionRun,
    StepProgress,
    StepState,
    Strictness,
)
from dome_contracts.schema.missions.mission import Mission
from dome_contracts.schema.shared.definitions import ArtefactWitness, Effector

DONE = frozenset({StepState.COMPLETED, StepState.SKIPPED})


def start_mission_run(
    mission: Mission,
    mission_type: MissionType,
    *,
    run_id: str,
    starter: Effector,
    start_time: str,
    strictness: Strictness = Strictness.OFF,
) -> MissionRun:
    """A run of the mission, over the type as it stands. It names its mission."""
    return MissionRun.from_value(
        {
            "schema_version": "1",
            "run_id": run_id,
            "mission_id": mission.mission_id,
            "mission_type": pin(mission_type),
            "strictness": strictness,
            "start_time": start_time,
            "starter": starter.to_value(),
            "accountable": mission.accountable.to_value(),
            "steps": [{"step_id": each.id, "state": "pending"} for each in ordered(mission_type)],
            "answers": [],
        }
    )


def pin(mission_type: MissionType) -> dict[str, Any]:
    """The type by id, version and digest."""
    return {"id": mission_type.id, "version": mission_type.version, "digest": digest(mission_type.to_value())}


def ordered(mission_type: MissionType) -> Sequence[MissionStep]:
    """The steps, each after those that it waits for; among those that could come next, the first of the list."""
    waiting, done, found = list(mission_type.steps), set[str](), list[MissionStep]()
    while waiting:
        step = next((each for each in waiting if set(each.after or ()) <= done), waiting[0])
        waiting.remove(step)
        done.add(step.id)
        found.append(step)
    return found


def states(run: MissionRun) -> dict[str, StepState]:
    """Where each step stands, by id."""
    return {each.step_id: each.state for each in run.steps}


def next_step(run: MissionRun, mission_type: MissionType) -> MissionStep | None:
    """The step that is handed out, else the first that can be; None where all are done."""
    known = states(run)
    for step in ordered(mission_type):
        state = known.get(step.id, StepState.PENDING)
        if state not in DONE and all(known.get(each) in DONE for each in step.after or ()):
            return step
    return None


def issued(run: MissionRun, step_id: str, *, artefact: ArtefactWitness | None, time: str) -> MissionRun:
    """The run once a step is handed out."""
    return _with_step(run, step_id, StepState.ISSUED, time=time, artefact=artefact, issued_step=step_id)


def completed(run: MissionRun, step_id: str, *, time: str) -> MissionRun:
    """The run once a step is done. A step that is done stays done."""
    return _with_step(run, step_id, StepState.COMPLETED, time=time)


def failed(run: MissionRun, step_id: str, text: str, *, time: str) -> MissionRun:
    """The run once a step has failed: it halts."""
    after = _with_step(run, step_id, StepState.FAILED, time=time)
    halt = Halt.from_value({"reason": "step_failed", "text": text})
    return MissionRun.from_value({**after.to_value(), "halt": halt.to_value()})


def resumed(run: MissionRun) -> MissionRun:
    """The run once somebody has looked at why it halted: what failed is to be done again."""
    value = run.to_value()
    value.pop("halt", None)
    value["steps"] = [
        {"step_id": each["step_id"], "state": "pending"} if each["state"] == "failed" else each
        for each in value["steps"]
    ]
    return MissionRun.from_value(value)


def answered(run: MissionRun, question_id: str, value: str, *, answerer: Effector, time: str) -> MissionRun:
    """The run once a question is answered. The last answer holds."""
    answer = Answer.from_value(
        {"question_id": question_id, "value": value, "answerer": answerer.to_value(), "time": time}
    )
    kept = [each.to_value() for each in run.answers if each.question_id != question_id]
    return MissionRun.from_value({**run.to_value(), "answers": [*kept, answer.to_value()]})


def _with_step(
    run: MissionRun,
    step_id: str,
    state: StepState,
    *,
    time: str,
    artefact: ArtefactWitness | None = None,
    issued_step: str | None = None,
) -> MissionRun:
    value = run.to_value()
    value.pop("issued_step", None)
    given: dict[str, Any] = {"step_id": step_id, "state": state, "time": time}
    if artefact is not None:
        given["artefact"] = artefact.to_value()
    progress = StepProgress.from_value(given).to_value()
    value["steps"] = [progress if each["step_id"] == step_id else each for each in value["steps"]]
    return MissionRun.from_value(value if issued_step is None else {**value, "issued_step": issued_step})
