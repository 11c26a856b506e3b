"""What was blessed: the contracts that later changes are compared with, and the one way to move them."""

from dome_spec.contracts.baseline.blessing import Asked, NoSuchFamily, bless, prepare
from dome_spec.contracts.baseline.fault import BaselineFault
from dome_spec.contracts.baseline.faults import baseline_faults
from dome_spec.contracts.baseline.history import Blessing, HistoryUnreadable
from dome_spec.contracts.baseline.moves import baselines
from dome_spec.contracts.baseline.plan import Move, Plan, Refused

__all__ = [
    "Asked",
    "BaselineFault",
    "Blessing",
    "HistoryUnreadable",
    "Move",
    "NoSuchFamily",
    "Plan",
    "Refused",
    "baseline_faults",
    "baselines",
    "bless",
    "prepare",
]
