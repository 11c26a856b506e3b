"""Inputs and results satisfy the declared schemas, and written, read and written again they are the same bytes.

A tool that is run with an input that it states itself gives a result, or fails for a reason that has a name.
"""

from typing import Any, Final

from dome_contracts.canonical import NotCanonical, canonical_bytes
from dome_contracts.failure_reasons import FailureReason
from dome_spec.kernel import NotJson, read_json
from dome_spec.standards.observed import Observed, Run
from dome_spec.standards.schema import violations
from dome_spec.standards.subchecks.finding import Judged, Tally

_RESULT_BYTES_MAX: Final = 16 * 1024 * 1024
_BREAKS: Final = frozenset(
    {FailureReason.OUTPUT_RESULT_INVALID, FailureReason.OUTPUT_RESULT_MISSING, FailureReason.OUTPUT_CHANNEL_INVALID}
)
"""Failures that are a breach of the contract, whatever the input was."""
_UNNAMED: Final = frozenset(
    {FailureReason.PROCESS_EXIT_NONZERO, FailureReason.PROCESS_SIGNALED, FailureReason.PROCESS_SPAWN_FAILED}
)
"""Failures that nobody has given a reason of their own."""


def contract_validity(observed: Observed) -> Judged:
    """Judge the inputs and the runs."""
    tally = Tally()
    for tried in observed.inputs:
        found = violations(observed.input_schema, tried.value)
        message = f"The {tried.name} breaks the input schema"
        tally.holds(code=FailureReason.SCHEMA_INVALID, message=message, if_not=bool(found))
        for each in found:
            tally.fails(FailureReason.SCHEMA_INVALID, f"{message}: {each.message}", each.place)
        _stable(tally, tried.value, f"The {tried.name}")
    for run in observed.runs:
        _of_run(tally, run, observed)
    if any(run.succeeded for run in observed.runs):
        return tally.judged(observed.runs)
    return tally.judged(observed.runs, why=nothing_succeeded(observed))


def nothing_succeeded(observed: Observed) -> str:
    """Why there is no result to judge."""
    if not observed.inputs:
        return "No input is known: state `examples` in the input schema, or name one with --input."
    if not observed.runs:
        return "It was not run: values made from a schema are for tools that declare to be harmless."
    codes = ", ".join(sorted({run.failure_reason_code for run in observed.runs}))
    return f"No run succeeded here: {codes}."


def _of_run(tally: Tally, run: Run, observed: Observed) -> None:
    code, told = (
        run.failure_reason_code,
        f"With the {run.tried.name} it fails: {run.message or run.failure_reason_code}",
    )
    if run.succeeded:
        value = _result(tally, run)
        found = violations(observed.output_schema, value)
        tally.holds(
            code=FailureReason.OUTPUT_RESULT_INVALID,
            message=f"The result of the {run.tried.name} breaks the output schema",
            if_not=bool(found),
        )
        for each in found:
            tally.fails(FailureReason.OUTPUT_RESULT_INVALID, each.message, each.place)
    elif run.tried.is_stated:
        tally.holds(code=code, message=told, if_not=code in _BREAKS | _UNNAMED)
    else:
        tally.holds(code=code, message=told, if_not=code in _BREAKS)


def _result(tally: Tally, run: Run) -> Any:
    """The result as a value, which is stable in its canonical form."""
    try:
        value = read_json(run.result or b"{}", bytes_max=_RESULT_BYTES_MAX)
    except NotJson as error:
        tally.fails(FailureReason.OUTPUT_RESULT_INVALID, f"The result of the {run.tried.name} is no JSON: {error.what}")
        return None
    _stable(tally, value, f"The result of the {run.tried.name}")
    return value


def _stable(tally: Tally, value: Any, name: str) -> None:
    try:
        written = canonical_bytes(value)
        again = canonical_bytes(read_json(written, bytes_max=len(written) + 1))
    except (NotCanonical, NotJson) as error:
        tally.holds(code=FailureReason.SCHEMA_INVALID, message=f"{name} has no canonical form: {error}", if_not=True)
        return
    message = f"{name}, written, read and written again, is not the same"
    tally.holds(code=FailureReason.SCHEMA_INVALID, message=message, if_not=again != written)
