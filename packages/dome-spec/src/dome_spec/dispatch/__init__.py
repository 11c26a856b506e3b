"""Dispatch: sends the tasks of a plan through the runtime port, in waves, and turns what comes back into facts.

Executes nothing itself, and decides nothing about what was learnt.
"""

from dome_spec.dispatch.admission import GuardedAdmission, ToolStatus, is_prescribed, refusal_ahead
from dome_spec.dispatch.decide.identity import LABEL, group_id
from dome_spec.dispatch.decide.limits import Limit
from dome_spec.dispatch.decide.policy import DispatchPolicy
from dome_spec.dispatch.decide.requirements import findings as requirement_findings
from dome_spec.dispatch.decide.steps import next_steps, succeeded
from dome_spec.dispatch.errors import (
    KeyTaken,
    LeaseLost,
    PlanDiffers,
    PlanUnusable,
    RecordDamaged,
    RecordStale,
    RecordUnwritable,
    RepositoryDiffers,
    RunHeld,
    RunOver,
    RunUnknown,
    WorktreeDirty,
)
from dome_spec.dispatch.ingest import Ingestion, ingest_runtime
from dome_spec.dispatch.ingested import Damaged, Ingested
from dome_spec.dispatch.job.evidence import gather
from dome_spec.dispatch.job.story import JobStory, read_story
from dome_spec.dispatch.kept_runs import KeptRun
from dome_spec.dispatch.ports import Admission, Denial, Listener, RuntimePlane, Silent
from dome_spec.dispatch.record import Lease, RunRecord, control_events, is_held, run_ids
from dome_spec.dispatch.refusals import EndUnknown, Refused, Unavailable, failure_of
from dome_spec.dispatch.run import EndKind, Interruption, OnInterrupt, Opened, Opening, RunEnd, Runner, open_run
from dome_spec.dispatch.run.opening import opening_of
from dome_spec.dispatch.unqueued import UnqueuedRun

__all__ = [
    "LABEL",
    "Admission",
    "Damaged",
    "Denial",
    "DispatchPolicy",
    "EndKind",
    "EndUnknown",
    "GuardedAdmission",
    "Ingested",
    "Ingestion",
    "Interruption",
    "JobStory",
    "KeptRun",
    "KeyTaken",
    "Lease",
    "LeaseLost",
    "Limit",
    "Listener",
    "OnInterrupt",
    "Opened",
    "Opening",
    "PlanDiffers",
    "PlanUnusable",
    "RecordDamaged",
    "RecordStale",
    "RecordUnwritable",
    "Refused",
    "RepositoryDiffers",
    "RunEnd",
    "RunHeld",
    "RunOver",
    "RunRecord",
    "RunUnknown",
    "Runner",
    "RuntimePlane",
    "Silent",
    "ToolStatus",
    "Unavailable",
    "UnqueuedRun",
    "WorktreeDirty",
    "control_events",
    "failure_of",
    "gather",
    "group_id",
    "ingest_runtime",
    "is_held",
    "is_prescribed",
    "next_steps",
    "open_run",
    "opening_of",
    "read_story",
    "refusal_ahead",
    "requirement_findings",
    "run_ids",
    "succeeded",
]
