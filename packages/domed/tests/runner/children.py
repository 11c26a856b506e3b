"""What a job says that was started by another job."""

from typing import Any

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import Correlation


def child_of(parent: JobId) -> dict[str, Any]:
    return {"correlation": Correlation(run_id="run-one", parent_job_id=parent)}
