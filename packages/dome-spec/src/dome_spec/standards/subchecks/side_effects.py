"""Effects beyond the declared ones are stopped: by the kernel, as the record of each run says, never by courtesy.

A tool that comes to nothing while it is held needs more than it declares. Each effect that some kernel can hold is
judged by itself: where the kernel of this machine does not hold what is declared, nothing is known of it, and the
subcheck passes nobody. That no other programs are started no kernel can hold, so that it counts for nothing here.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

from dome_contracts.failure_reasons import FailureReason
from dome_contracts.runtime.v1 import FilesystemEffect, NetworkEffect, ToolEffects
from dome_spec.standards.observed import Enforced, Observed, Run
from dome_spec.standards.subchecks.finding import Judged, Tally

_UNNAMED: Final = frozenset(
    {FailureReason.PROCESS_EXIT_NONZERO, FailureReason.PROCESS_SIGNALED, FailureReason.PROCESS_SPAWN_FAILED}
)
_UNLIMITED: Final = "It declares no limit that could be held: it may write anywhere and reach any network."
_NEVER_STARTED: Final = "No run was started, so nothing is known of what it does."


def side_effects(observed: Observed) -> Judged:
    """Judge every run by what was changed and what was held."""
    tally = Tally()
    runs = (*observed.runs, *(again for _, again in observed.repeats))
    limited = limits(observed.effects)
    started = [run for run in runs if run.enforced is not None]
    for run in started:
        _of_run(tally, run, observed.effects, is_limited=bool(limited))
    if not limited:
        return tally.judged(runs, why=_UNLIMITED, unverified=())
    if not started:
        return tally.judged(runs, why=_NEVER_STARTED, unverified=limited)
    loose = tuple(sorted({name for run in started for name in _loose(limited, run.enforced)}))
    why = f"The kernel of this machine does not hold it to: {', '.join(loose)}." if loose else ""
    return tally.judged(runs, why=why, unverified=loose)


def limits(effects: ToolEffects) -> tuple[str, ...]:
    """The effects that the manifest limits, of those that some kernel can hold."""
    writes_anywhere = effects.filesystem is FilesystemEffect.WRITE and not effects.writes_listed
    return tuple(
        name
        for name, is_limited in (
            ("filesystem", not writes_anywhere),
            ("network", effects.network is not NetworkEffect.ANY),
        )
        if is_limited
    )


def _loose(limited: tuple[str, ...], enforced: Enforced | None) -> Iterator[str]:
    for name in limited:
        if enforced is None or not getattr(enforced, name):
            yield name


def _of_run(tally: Tally, run: Run, effects: ToolEffects, *, is_limited: bool) -> None:
    beyond = [path for path in run.changed if not _may_write(path, effects)]
    message = f"With the {run.tried.name} it changes what it does not declare: {', '.join(beyond[:3])}"
    tally.holds(code=FailureReason.TOOL_FAILED, message=message, if_not=bool(beyond))
    if is_limited and run.tried.is_stated:
        code = run.failure_reason_code
        message = f"Held to its declared effects, it fails with the {run.tried.name}: {run.message}"
        tally.holds(code=code, message=message, if_not=not run.succeeded and code in _UNNAMED)


def _may_write(path: str, effects: ToolEffects) -> bool:
    if effects.filesystem is not FilesystemEffect.WRITE:
        return False
    if not effects.writes_listed:
        return True
    parts = PurePosixPath(path).parts
    for write in effects.writes:
        allowed = PurePosixPath(write.rstrip("/")).parts
        if write in {".", "./"} or parts[: len(allowed)] == allowed:
            return True
    return False
