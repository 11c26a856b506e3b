"""Gates and promotion: verdicts by digest, what is kept of them, and where each task stands. Knows no run's queue."""

from dome_spec.gates.bundle_faults import bundle_faults
from dome_spec.gates.bundles import (
    GUARDRAILS_FILE,
    INVARIANTS_FILE,
    BundleInvalid,
    BundleUnfit,
    default_guardrails,
    keep_bundles,
    read_bundle,
    repository_guardrails,
)
from dome_spec.gates.decide import GateQuestion, decide_gate
from dome_spec.gates.judgement import Judgement, judge, of_ruling
from dome_spec.gates.kept import GateRecord, JudgementDamaged, OverlayDiffers
from dome_spec.gates.promoting import Standing, last_decisions, last_promotion, promotion_name, standing
from dome_spec.gates.promotion import (
    NothingToPromote,
    PromotionQuestion,
    TooMuchToPromote,
    asks_for_person,
    decide_promotion,
    shown_digest,
)
from dome_spec.gates.question import (
    TO_DONE,
    TO_GATED,
    TO_RUNNING,
    Shown,
    asks_for_clean_tree,
    question_digest,
    situation_of,
    task_key,
)
from dome_spec.gates.statement import BasisMissing, promotion_statement
from dome_spec.gates.states import TaskState, TransitionUnknown, task_states

__all__ = [
    "GUARDRAILS_FILE",
    "INVARIANTS_FILE",
    "TO_DONE",
    "TO_GATED",
    "TO_RUNNING",
    "BasisMissing",
    "BundleInvalid",
    "BundleUnfit",
    "GateQuestion",
    "GateRecord",
    "Judgement",
    "JudgementDamaged",
    "NothingToPromote",
    "OverlayDiffers",
    "PromotionQuestion",
    "Shown",
    "Standing",
    "TaskState",
    "TooMuchToPromote",
    "TransitionUnknown",
    "asks_for_clean_tree",
    "asks_for_person",
    "bundle_faults",
    "decide_gate",
    "decide_promotion",
    "default_guardrails",
    "judge",
    "keep_bundles",
    "last_decisions",
    "last_promotion",
    "of_ruling",
    "promotion_name",
    "promotion_statement",
    "question_digest",
    "read_bundle",
    "repository_guardrails",
    "shown_digest",
    "situation_of",
    "standing",
    "task_key",
    "task_states",
]
