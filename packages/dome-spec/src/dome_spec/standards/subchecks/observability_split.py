"""Failures and refusals are told apart, each in its own field and by a code of its own catalogue."""

import re
from typing import Final

from dome_contracts.failure_reasons import FAILURE_REASONS, FailureReason
from dome_contracts.policy_reasons import PolicyReason
from dome_spec.standards.observed import Observed, Run
from dome_spec.standards.subchecks.finding import Judged, Tally

_STATED: Final = re.compile(r"([A-Z][A-Z0-9_]*(?:\.[A-Z][A-Z0-9_]*)+): ")
"""How the daemon tells a reason that is none of the catalogue."""
_GENERIC: Final = frozenset({FailureReason.PROCESS_EXIT_NONZERO, FailureReason.TOOL_FAILED})
_REFUSALS: Final = frozenset(PolicyReason)


def observability_split(observed: Observed) -> Judged:
    """Judge how each run ended, and how each breach was refused."""
    tally = Tally()
    runs = (*observed.runs, *(again for _, again in observed.repeats))
    for code, reason in sorted(observed.failure_reasons.items()):
        message = f"The manifest maps the exit code {code} to {reason}, which is no failure reason"
        tally.holds(code=FailureReason.TOOL_FAILED, message=message, if_not=reason not in FAILURE_REASONS)
    for run in runs:
        _of_run(tally, run, observed)
    for answer in observed.edge:
        if not answer.job_id:
            message = "A refusal names a failure and no reason of its own"
            is_mixed = not answer.reason or answer.reason in FAILURE_REASONS
            tally.holds(code=FailureReason.TOOL_FAILED, message=message, if_not=is_mixed)
    return tally.judged(runs)


def _of_run(tally: Tally, run: Run, observed: Observed) -> None:
    code, name = run.failure_reason_code, run.tried.name
    if run.succeeded:
        is_mixed = code not in ("", FailureReason.NONE)
        tally.holds(code=FailureReason.TOOL_FAILED, message=f"It succeeds with {code} ({name})", if_not=is_mixed)
        return
    is_known = code in FAILURE_REASONS and code != FailureReason.NONE
    message = f"It fails with {code or 'no code'}, which is no failure reason ({name})"
    tally.holds(code=FailureReason.TOOL_FAILED, message=message, if_not=not is_known)
    stated = _STATED.match(run.message)
    if stated is not None and code == FailureReason.TOOL_FAILED:
        kind = "a reason of refusals" if stated[1] in _REFUSALS else "no failure reason of the catalogue"
        tally.holds(code=code, message=f"It states the failure {stated[1]}, which is {kind} ({name})", if_not=True)
    mapped = observed.failure_reasons.get(run.exit_code) if run.exit_code is not None else None
    if mapped is not None:
        message = f"It ends with {run.exit_code}, which the manifest calls {mapped}, and is told as {code} ({name})"
        tally.holds(code=code, message=message, if_not=code != mapped and code in _GENERIC)
