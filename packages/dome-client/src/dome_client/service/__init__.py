"""The daemon as a process: is it there, start it, stop it, make it a service.

The one place of the client that starts programs.
"""

from dome_client.service.install import Installation, InstallFailed, install, planned_files, uninstall
from dome_client.service.launch import DAEMON_PATH, StartLimits, check_startable, ensure_running, last_failure
from dome_client.service.probe import Daemon, find_daemon, is_answering, is_waiting
from dome_client.service.status import Status, daemon_status
from dome_client.service.stop import StopFailed, stop
from dome_client.service.units import UnitFile

__all__ = [
    "DAEMON_PATH",
    "Daemon",
    "InstallFailed",
    "Installation",
    "StartLimits",
    "Status",
    "StopFailed",
    "UnitFile",
    "check_startable",
    "daemon_status",
    "ensure_running",
    "find_daemon",
    "install",
    "is_answering",
    "is_waiting",
    "last_failure",
    "planned_files",
    "stop",
    "uninstall",
]
