"""A run of a mission: how it goes on, and what comes next."""

from dome_spec.mission_runtime.run.decide_next import ArtefactOf, NextQuery, decide_next, is_done
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
from dome_spec.mission_runtime.run.raci import Responsibility, responsibility

__all__ = [
    "ArtefactOf",
    "NextQuery",
    "Responsibility",
    "answered",
    "completed",
    "decide_next",
    "failed",
    "is_done",
    "issued",
    "next_step",
    "pin",
    "responsibility",
    "resumed",
    "start_mission_run",
]
