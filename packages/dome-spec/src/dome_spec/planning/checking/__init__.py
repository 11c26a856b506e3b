"""Whether a packet can be planned, and whether a plan holds together; each problem with its place."""

from dome_spec.planning.checking.packet import check_packet
from dome_spec.planning.checking.paths import target_fault
from dome_spec.planning.checking.plan import check_plan, decisive
from dome_spec.planning.checking.strategies import check_strategies

__all__ = ["check_packet", "check_plan", "check_strategies", "decisive", "target_fault"]
