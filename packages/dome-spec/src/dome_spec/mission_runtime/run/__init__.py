"""A run of a mission: how it goes on, and what comes next."""

from dome_spec.mission_runtime.run.contracts_of import contracts_of
from dome_spec.mission_runtime.run.decide_next import ArtefactOf, NextQuery, asked_now, decide_next, is_done
from dome_spec.mission_runtime.run.leaving import ArtefactMissing, missing_artefacts, refuse_unwritten
from dome_spec.mission_runtime.run.progress import (
    answered,
    completed,
    failed,
    issued,
    next_step,
    pin,
    resumed,
    start_mission_run,
)
from dome_spec.mission_runtime.run.questions import AnswerOfAnother, QuestionNotAsked, refuse_answer, refuse_other_part
from dome_spec.mission_runtime.run.raci import Responsibility, responsibility

__all__ = [
    "AnswerOfAnother",
    "ArtefactMissing",
    "ArtefactOf",
    "NextQuery",
    "QuestionNotAsked",
    "Responsibility",
    "answered",
    "asked_now",
    "completed",
    "contracts_of",
    "decide_next",
    "failed",
    "is_done",
    "issued",
    "missing_artefacts",
    "next_step",
    "pin",
    "refuse_answer",
    "refuse_other_part",
    "refuse_unwritten",
    "responsibility",
    "resumed",
    "start_mission_run",
]
