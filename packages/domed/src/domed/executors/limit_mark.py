"""A mark on the processes of a run that they keep whatever they do to their session, parents and environment.

The kernel hands resource limits on to whatever a process starts. The one on the processor time that a real-time
process takes without a pause is set, in microseconds, to some ten thousand years, so that it limits nothing; which
number it is says whose process it is. A program could set it anew, as it could anything; none does so by mistake.

Where the system has no such limit, nothing is marked.
"""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from dome_contracts.ids import JobId

NAME: Final = "RTTIME"
KEPT_MAX: Final = 1024
_LEAST: Final = 1 << 60
WAITING: Final = 2 * _LEAST - 1
"""The limit of a process that waits for a job: greater than the mark of any job, and none itself."""
_HASH_BYTES: Final = 7
_RESOURCE: Final[int | None] = getattr(resource, f"RLIMIT_{NAME}", None)


@lru_cache(KEPT_MAX)
def number(job_id: JobId) -> int:
    """The mark of a job's processes."""
    return _LEAST + int.from_bytes(blake2b(job_id.encode(), digest_size=_HASH_BYTES).digest())


def of(pid: int) -> int:
    """The mark of a process. 0: it has none, waits for one, has gone, or is another user's."""
    if _RESOURCE is None:
        return 0
    try:
        soft, _ = resource.prlimit(pid, _RESOURCE)
    except OSError:
        return 0
    return soft if _LEAST <= soft < WAITING else 0


@contextmanager
def on_what_is_started(mark: int) -> Iterator[None]:
    """Whatever this process starts meanwhile is born with the mark."""
    if _RESOURCE is None:
        yield
        return
    before, ceiling = resource.getrlimit(_RESOURCE)
    try:
        resource.setrlimit(_RESOURCE, (mark, ceiling))
    except ValueError:
        # A lower ceiling, which somebody else set.
        yield
        return
    try:
        yield
    finally:
        resource.setrlimit(_RESOURCE, (before, ceiling))


def words(job_id: JobId) -> tuple[str, ...]:
    """The mark as words for a launcher."""
    return () if _RESOURCE is None else ("--limit", NAME, str(number(job_id)), str(2 * _LEAST))
