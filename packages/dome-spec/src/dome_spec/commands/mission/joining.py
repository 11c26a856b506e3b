"""Packages joined to plans: what the runs of a package's plans showed."""

from dome_spec.commands.mission.opening import Opened
from dome_spec.dispatch import RunRecord, control_events
from dome_spec.mission_runtime import RuntimeRefusal
from dome_spec.mission_runtime.loop import checks_passed, packet_name
from dome_spec.missions.status import MissionStatus


class RunOfAnother(RuntimeRefusal):
    """The run carried out something else than the package."""

    code = "RUN_OF_ANOTHER"


def are_checked(run_id: str, status: MissionStatus, package: str, opened: Opened) -> bool | None:
    """Whether the gates of a run of the package's plan approved; None where none decided.

    Raises RunUnknown, RecordDamaged, RunOfAnother.
    """
    record = RunRecord.find(opened.missions.infra.runs_dir, run_id)
    wanted, found = packet_name(status.mission.slug, package), record.plan().packet_id
    if found != wanted:
        raise RunOfAnother(
            f"{run_id} shows nothing of {package}",
            why=f"its plan is of the packet {found}, and that of the package is {wanted}",
            hint="Plan the package: `dome mission packet MISSION PACKAGE | dome plan new --from -`",
        )
    return checks_passed(control_events(record))
