"""The daemon as a process: is it there, start it, stop it, make it a service.

The one place of the client that starts programs.
"""

from dome_client.service.daemon_check import configuration_fault
from dome_client.service.daemon_environment import ALLOCATOR, DAEMON_PATH
from dome_client.service.install import Installation, InstallFailed, install, planned_files, uninstall
from dome_client.service.launch import StartLimits, check_startable, ensure_running, last_failure
from dome_client.service.openness import FORBIDDEN, check_open
from dome_client.service.probe import (
    Daemon,
    find_daemon,
    is_answering,
    is_asleep,
    is_waiting,
    silent_daemon,
    state_holder,
    why_unreachable,
)
from dome_client.service.status import Status, daemon_status
from dome_client.service.stop import StopFailed, stop
from dome_client.service.unit_state import Unit, installed_unit, look_at_unit
from dome_client.service.units import UnitFile

__all__ = [
    "ALLOCATOR",
    "DAEMON_PATH",
    "FORBIDDEN",
    "Daemon",
    "InstallFailed",
    "Installation",
    "StartLimits",
    "Status",
    "StopFailed",
    "Unit",
    "UnitFile",
    "check_open",
    "check_startable",
    "configuration_fault",
    "daemon_status",
    "ensure_running",
    "find_daemon",
    "install",
    "installed_unit",
    "is_answering",
    "is_asleep",
    "is_waiting",
    "last_failure",
    "look_at_unit",
    "planned_files",
    "silent_daemon",
    "state_holder",
    "stop",
    "uninstall",
    "why_unreachable",
]
