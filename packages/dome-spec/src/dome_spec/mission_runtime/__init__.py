"""Carries missions out: where an action works, what an effector is told, what comes next, transitions with commits."""

from dome_spec.mission_runtime.artefact import Told, assemble, possible, to_json, to_text, witness_in
from dome_spec.mission_runtime.attention import Attention, attention
from dome_spec.mission_runtime.authority import (
    Deed,
    NotPermitted,
    permitted,
    refuse_beyond,
    refuse_deed,
    refuse_other_hands,
)
from dome_spec.mission_runtime.board import Board, board, progress
from dome_spec.mission_runtime.commit_target import VerifiedTarget, still_holds, verified_target
from dome_spec.mission_runtime.ending import MissionEnded, MissionGoesOn, canceled, reopened
from dome_spec.mission_runtime.execution import ActionQuery, Surroundings, head_of, resolve_action_context, track_branch
from dome_spec.mission_runtime.facade import Missions
from dome_spec.mission_runtime.git_reference import GitReference
from dome_spec.mission_runtime.lost import Lost, lost
from dome_spec.mission_runtime.operation import Commit, Reference, commit_transition, recover
from dome_spec.mission_runtime.overriding import override
from dome_spec.mission_runtime.refusals import (
    CommitRefused,
    NoMissions,
    OperationPending,
    PackageNeeded,
    PlaceUnnameable,
    RuntimeRefusal,
    TargetMismatch,
    TargetMoved,
    TargetProtected,
    TemplateDrift,
    WorkspaceUnresolved,
    WrongDirectory,
)
from dome_spec.mission_runtime.roles import bound, unbound
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
    "Deed",
    "GitReference",
    "Lost",
    "MissionEnded",
    "MissionGoesOn",
    "Missions",
    "NextQuery",
    "NoMissions",
    "NotPermitted",
    "OperationPending",
    "PackageNeeded",
    "PlaceUnnameable",
    "Reference",
    "RuntimeRefusal",
    "Surroundings",
    "TargetMismatch",
    "TargetMoved",
    "TargetProtected",
    "TemplateDrift",
    "Told",
    "VerifiedTarget",
    "WorkspaceUnresolved",
    "WrongDirectory",
    "answered",
    "assemble",
    "attention",
    "board",
    "bound",
    "canceled",
    "commit_transition",
    "completed",
    "decide_next",
    "failed",
    "head_of",
    "lost",
    "override",
    "permitted",
    "possible",
    "progress",
    "recover",
    "refuse_beyond",
    "refuse_deed",
    "refuse_other_hands",
    "reopened",
    "resolve_action_context",
    "resumed",
    "start_mission_run",
    "still_holds",
    "to_json",
    "to_text",
    "track_branch",
    "unbound",
    "verified_target",
    "witness_in",
]
