"""Missions joined to the loop: packages become packets, what was learnt is told, gates judge the work."""

from dome_spec.mission_runtime.loop.learnt import learnt, told_priors
from dome_spec.mission_runtime.loop.packets import package_packet, packet_name
from dome_spec.mission_runtime.loop.planned import packet_there
from dome_spec.mission_runtime.loop.verdicts import checks_passed

__all__ = ["checks_passed", "learnt", "package_packet", "packet_name", "packet_there", "told_priors"]
