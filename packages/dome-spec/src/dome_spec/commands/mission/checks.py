"""Jobs that checked the work of a package, looked up at the daemon."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from dome_contracts.schema.missions.review_result import CommitRange, Documents
from dome_contracts.schema.missions.status_event import PackageTransitioned
from dome_contracts.schema.shared.definitions import LaneOperation
from dome_spec.commands.mission.opening import Opened
from dome_spec.kernel import Runtime
from dome_spec.mission_runtime.checked import checks_of
from dome_spec.missions.status import MissionStatus

if TYPE_CHECKING:
    from dome_contracts.runtime.v1 import Job


async def looked_up(runtime: Runtime, names: Iterable[str]) -> "tuple[Job, ...]":
    """The jobs as they stand."""
    return tuple([await runtime.status(each) for each in names])


def are_passed(jobs: "tuple[Job, ...]", work: CommitRange | Documents | None, opened: Opened) -> bool | None:
    """Whether the checks of the work passed; None where there are none. Raises CheckUnfit."""
    return checks_of(jobs, work, {str(each.root) for each in opened.missions.trees})


def handed_in(status: MissionStatus, package: str) -> list[str]:
    """The checks that were named when the work was handed in as it stands."""
    facts = (each.fact for each in status.history(package))
    submitted = [
        each for each in facts if isinstance(each, PackageTransitioned) and each.move.operation is LaneOperation.SUBMIT
    ]
    return list(submitted[-1].checks or ()) if submitted else []
