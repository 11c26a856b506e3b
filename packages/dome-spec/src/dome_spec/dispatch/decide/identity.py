"""Names of attempts: derived from run, task and number, so that whoever asks twice asks with the same key."""

from typing import Final

from dome_contracts.canonical import PREFIX, digest

LABEL: Final = "dome.repository"
"""Label of every job that dispatch asks for: the id of the repository it is done for."""


def group_id(run_id: str, task_id: str, attempt: int) -> str:
    """The digest that names one attempt at a task within a run. It is the idempotency key of the request, too."""
    if attempt < 1:
        raise ValueError("attempts count from 1")
    return digest({"attempt": attempt, "run_id": run_id, "task_id": task_id})


def file_stem(identity: str) -> str:
    """The digest as a name of a file."""
    return identity.removeprefix(PREFIX)
