"""Carries missions out: where an action works, what an effector is told, what comes next, transitions with commits."""

from dome_spec.mission_runtime.artefact import Told, assemble, possible, to_json, to_text, witness_in
from dome_spec.mission_runtime.attention import Attention, attention
from dome_spec.mission_runtime.authority import NotPermitted, permitted, refuse_beyond
from dome_spec.mission_runtime.board import Board, board, progress
from dome_spec.mission_runtime.commit_target import VerifiedTarget, still_holds, verified_target
from dome_spec.mission_runtime.execution import ActionQuery, Surroundings, resolve_action_context, track_branch
from dome_spec.mission_runtime.facade import Missions, NoMissions
from dome_spec.mission_runtime.git_reference import GitReference
from dome_spec.mission_runtime.operation import Commit, Reference, commit_transition, recover
from dome_spec.mission_runtime.refusals import (
    CommitRefused,
    OperationPending,
    PackageNeeded,
    RuntimeRefusal,
    TargetMismatch,
    TargetMoved,
    TargetProtected,
    WorkspaceUnresolved,
    WrongDirectory,
)
from dome_spec.mission_runtime.run import (
    NextQuery,
    answered,
    completed,
    decide_next,
    failed,
    resumed,
    start_mission_run,
)

__all__ = [
    "ActionQuery",
    "Attention",
    "Board",
    "Commit",
    "CommitRefused",
    "GitReference",
    "Missions",
    "NextQuery",
    "NoMissions",
    "NotPermitted",
    "OperationPending",
    "PackageNeeded",
    "Reference",
    "RuntimeRefusal",
    "Surroundings",
    "TargetMismatch",
    "TargetMoved",
    "TargetProtected",
    "Told",
    "VerifiedTarget",
    "WorkspaceUnresolved",
    "WrongDirectory",
    "answered",
    "assemble",
    "attention",
    "board",
    "commit_transition",
    "completed",
    "decide_next",
    "failed",
    "permitted",
    "possible",
    "progress",
    "recover",
    "refuse_beyond",
    "resolve_action_context",
    "resumed",
    "start_mission_run",
    "still_holds",
    "to_json",
    "to_text",
    "track_branch",
    "verified_target",
    "witness_in",
]
