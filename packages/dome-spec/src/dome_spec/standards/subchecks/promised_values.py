"""Assertions made from the schemas: the edge refuses what the input schema refuses, and results are as promised."""

from typing import Final

from dome_contracts.failure_reasons import FailureReason
from dome_spec.kernel import NotJson, read_json
from dome_spec.standards.observed import Observed
from dome_spec.standards.schema import violations
from dome_spec.standards.subchecks.finding import Judged, Tally

REFUSAL: Final = "INVALID_REQUEST"
"""The reason of a refusal of an input that its schema refuses."""
_RESULT_BYTES_MAX: Final = 16 * 1024 * 1024


def spec_as_test(observed: Observed) -> Judged:
    """Judge what the edge answered, and each member of each result."""
    tally = Tally()
    message = "The input schema accepts keys that it does not name"
    tally.holds(code=FailureReason.SCHEMA_INVALID, message=message, if_not=observed.open_edge)
    for answer in observed.edge:
        breach = answer.breach
        told = f"as {answer.reason}" if answer.reason else "not at all"
        message = f"An input that breaks the rule `{breach.rule.value}` is refused {told}"
        is_open = answer.reason != REFUSAL
        tally.holds(code=FailureReason.SCHEMA_INVALID, message=message, place=breach.place, if_not=is_open)
    runs = tuple(run for run in (*observed.runs, *(again for _, again in observed.repeats)) if run.succeeded)
    for run in runs:
        try:
            found = violations(observed.output_schema, read_json(run.result or b"{}", bytes_max=_RESULT_BYTES_MAX))
        except NotJson as error:
            tally.holds(code=FailureReason.OUTPUT_RESULT_INVALID, message=error.what, if_not=True)
            continue
        tally.holds(
            code=FailureReason.OUTPUT_RESULT_INVALID,
            message=f"The result of the {run.tried.name} is not as promised",
            if_not=bool(found),
        )
    return tally.judged(runs)
