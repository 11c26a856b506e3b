"""Has the daemon know of which job a command is part that asks it for more.

A job that waits for jobs of its own keeps its place meanwhile. Those that name it sit in that place: else a daemon that
runs no more at once would never begin them.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from dome_spec.commands.surroundings import here

if TYPE_CHECKING:
    from dome_contracts.runtime.v1 import Correlation, Job
    from dome_spec.dispatch import RuntimePlane


def within_job(connect: "Callable[[], Awaitable[RuntimePlane]]") -> "Callable[[], Awaitable[RuntimePlane]]":
    """The same daemon, to which each request names the job that this command is part of, if it is of one."""

    async def connected() -> "RuntimePlane":
        plane, job_id = await connect(), here().job_id
        return cast("RuntimePlane", _Within(plane, job_id)) if job_id else plane

    return connected


@dataclass(frozen=True, slots=True)
class _Within:
    """A daemon as a job sees it that has more done: all is passed on, and what is asked for names the job."""

    plane: "RuntimePlane"
    job_id: str

    async def execute(self, *words: Any, correlation: "Correlation | None" = None, **more: Any) -> "Job":
        from dome_contracts.runtime.v1 import Correlation  # what travels is loaded when something is sent

        said = correlation or Correlation()
        named = said if said.parent_job_id else replace(said, parent_job_id=self.job_id)
        return await self.plane.execute(*words, correlation=named, **more)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.plane, name)
