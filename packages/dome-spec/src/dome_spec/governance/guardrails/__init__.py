"""Guards over transitions: what they look at, what they find, and the record of it. Knows no gate and no store."""

from dome_spec.governance.guardrails.evaluate import Guardrails, Ruling, evaluate, reference
from dome_spec.governance.guardrails.situation import Attempt, Situation

__all__ = ["Attempt", "Guardrails", "Ruling", "Situation", "evaluate", "reference"]
