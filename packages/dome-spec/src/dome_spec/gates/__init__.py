"""Gates and promotion: verdicts by digest, and where each task stands. Decides by values; reads no store."""

from dome_spec.gates.decide import GateQuestion, decide_gate
from dome_spec.gates.promotion import (
    NothingToPromote,
    PromotionQuestion,
    asks_for_person,
    decide_promotion,
    shown_digest,
)
from dome_spec.gates.states import TaskState, TransitionUnknown, task_states

__all__ = [
    "GateQuestion",
    "NothingToPromote",
    "PromotionQuestion",
    "TaskState",
    "TransitionUnknown",
    "asks_for_person",
    "decide_gate",
    "decide_promotion",
    "shown_digest",
    "task_states",
]
