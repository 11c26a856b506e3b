"""Whether jobs are checks of the work of a package: of the very commit that is handed in, and passed. Pure.

The record of a job says on which commit it ran, and whether the files were those of the commit. Of documents there is
no commit to compare: there it is enough that the job ran in the repository.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from dome_contracts.exit_codes import Exit
from dome_contracts.schema.missions.review_result import CommitRange, Documents
from dome_spec.mission_runtime.refusals import RuntimeRefusal

if TYPE_CHECKING:
    from dome_contracts.runtime.v1 import Job


class CheckUnfit(RuntimeRefusal):
    """A job checked something else than the work of the package."""

    code = "CHECK_UNFIT"
    exit_code = Exit.PRECONDITION


def checks_of(jobs: "Sequence[Job]", work: CommitRange | Documents | None, roots: Collection[str]) -> bool | None:
    """Whether all of the jobs passed; None where there are none. Raises CheckUnfit.

    `roots` are the working trees of the repository.
    """
    from dome_contracts.runtime.v1 import JobState

    for job in jobs:
        unfit = next(_unfit(job, work, roots), None)
        if unfit is not None:
            wanted = work.head[:12] if isinstance(work, CommitRange) else "the work"
            raise CheckUnfit(
                f"{job.job_id} is no check of {wanted}",
                why=unfit,
                hint=f"Run the check where {wanted} is checked out and nothing else lies, and name that job",
            )
    return all(each.state is JobState.SUCCEEDED for each in jobs) if jobs else None


def _unfit(job: "Job", work: CommitRange | Documents | None, roots: Collection[str]) -> Iterator[str]:
    record = job.provenance
    if work is None:
        yield "no work is handed in that it could be of"
    elif record is None or not record.repo:
        yield "its record names no repository"
    elif isinstance(work, Documents):
        if record.repo not in roots:
            yield f"it ran in {record.repo}, which is no working tree of this repository"
    elif record.commit_sha != work.head:
        yield f"it ran on {record.commit_sha[:12] or 'no commit'}"
    elif record.dirty_flag is not False:
        yield "files there differed from the commit" if record.dirty_flag else "whether files differed is not known"
