"""Whether a packet can be planned, and whether a plan holds together; each problem with its place."""

from dome_spec.planning.checking.packet import check_packet
from dome_spec.planning.checking.plan import check_plan, decisive

__all__ = ["check_packet", "check_plan", "decisive"]
