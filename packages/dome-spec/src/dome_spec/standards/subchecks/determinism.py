"""The same input gives the same result, apart from the volatile fields that the manifest declares."""

from collections.abc import Sequence
from typing import Any, Final

from dome_contracts.canonical import canonical_bytes
from dome_contracts.failure_reasons import FailureReason
from dome_spec.kernel import NotJson, read_json
from dome_spec.kernel.json_pointer import pointer
from dome_spec.standards.observed import Observed
from dome_spec.standards.subchecks.contract_validity import nothing_succeeded
from dome_spec.standards.subchecks.finding import Judged, Tally

_RESULT_BYTES_MAX: Final = 16 * 1024 * 1024
_UNDECLARED: Final = "The manifest does not declare `deterministic`."


def determinism(observed: Observed) -> Judged:
    """Judge each run by its repetition."""
    tally = Tally()
    runs = tuple(run for pair in observed.repeats for run in pair)
    if not observed.is_deterministic:
        return tally.judged(runs, why=_UNDECLARED)
    for first, second in observed.repeats:
        name = first.tried.name
        if not second.succeeded:
            code = second.failure_reason_code
            tally.holds(code=code, message=f"The second run with the {name} fails: {second.message}", if_not=True)
            continue
        one, other = (stable(run.result, observed.volatile_fields) for run in (first, second))
        place = difference(one, other)
        message = f"Two runs with the {name} differ, and no volatile field says so"
        tally.holds(code=FailureReason.TOOL_FAILED, message=message, place=place or "", if_not=place is not None)
    return tally.judged(runs, why="" if observed.repeats else nothing_succeeded(observed))


def stable(result: bytes, volatile_fields: Sequence[str]) -> Any:
    """The result without its volatile fields; the bytes themselves where they are no JSON."""
    try:
        value = read_json(result or b"{}", bytes_max=_RESULT_BYTES_MAX)
    except NotJson:
        return result.decode("utf-8", errors="backslashreplace")
    for place in volatile_fields:
        _remove(value, [token.replace("~1", "/").replace("~0", "~") for token in place.split("/")[1:]])
    return value


def difference(one: Any, other: Any) -> str | None:
    """The place of the first difference; None where there is none."""
    found = _difference(one, other)
    return None if found is None else pointer(found)


def _difference(one: Any, other: Any) -> list[Any] | None:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            if (name in one) != (name in other):
                return [name]
            if (found := _difference(one[name], other[name])) is not None:
                return [name, *found]
        return None
    if isinstance(one, list) and isinstance(other, list):
        for place, (mine, yours) in enumerate(zip(one, other, strict=False)):
            if (found := _difference(mine, yours)) is not None:
                return [place, *found]
        return None if len(one) == len(other) else [min(len(one), len(other))]
    return None if canonical_bytes([one]) == canonical_bytes([other]) else []


def _remove(value: Any, tokens: list[str]) -> None:
    for token in tokens[:-1]:
        value = value.get(token) if isinstance(value, dict) else _item(value, token)
    if isinstance(value, dict) and tokens:
        value.pop(tokens[-1], None)


def _item(value: Any, token: str) -> Any:
    is_place = isinstance(value, list) and token.isdecimal() and int(token) < len(value)
    return value[int(token)] if is_place else None
