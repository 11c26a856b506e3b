"""What becomes of map outputs: validated and narrowed to the fields that were asked for, or quarantined. Pure.

The reducer's input is made of validated values alone, in an order that does not depend on when jobs ended. An output
that is refused is as good as not there.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from jsonschema_rs import Draft202012Validator, ValidationError

from dome_contracts.canonical import NotCanonical, canonical_bytes
from dome_contracts.schema.patterns.map_reduce_plan import MapReducePlan, ReduceOrder
from dome_spec.patterns.map_reduce.refusals import TooFewOutputs

_PROBLEMS_MAX: Final = 8


@dataclass(frozen=True, slots=True)
class MapOutput:
    """What the map job of one item left. `data` is None where it left nothing; then `failure` says why."""

    item_id: str
    job_id: str | None
    data: bytes | None
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Validated:
    """An output that its schema accepts, with the fields that go on."""

    item_id: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An output that goes nowhere, and why."""

    item_id: str
    job_id: str | None
    problems: tuple[str, ...]


class OutputJudge:
    """Judges map outputs by the plan's schema."""

    def __init__(self, plan: MapReducePlan, schema: Mapping[str, Any]) -> None:
        self._fields = tuple(plan.reduce.fields or plan.map.output_schema.fields)
        self._bytes_max = plan.map.output_bytes_max
        self._validator = Draft202012Validator(dict(schema), validate_formats=True)

    def judge(self, output: MapOutput) -> Validated | Quarantined:
        """The output narrowed to its fields, or why it is put aside."""
        if output.data is None:
            return Quarantined(output.item_id, output.job_id, (output.failure or "it left nothing",))
        if self._bytes_max is not None and len(output.data) > self._bytes_max:
            problem = f"{len(output.data)} bytes, at most {self._bytes_max} are taken"
            return Quarantined(output.item_id, output.job_id, (problem,))
        try:
            value = json.loads(output.data)
            canonical_bytes(value)
        except (ValueError, RecursionError, NotCanonical) as error:
            return Quarantined(output.item_id, output.job_id, (f"no JSON: {' '.join(str(error).split())[:200]}",))
        errors = islice(self._validator.iter_errors(value), _PROBLEMS_MAX)
        if problems := tuple(_problem(each) for each in errors):
            return Quarantined(output.item_id, output.job_id, problems)
        return Validated(output.item_id, {name: value[name] for name in self._fields if name in value})


def _problem(error: ValidationError) -> str:
    """What is broken and where, in the schema's words alone: the output's own may have been meant for whoever reads."""
    rule = next((str(each) for each in reversed(error.schema_path) if not isinstance(each, int)), "schema")
    return f"/{'/'.join(str(each) for each in error.instance_path)} does not keep {rule}"


def reducer_input(plan: MapReducePlan, validated: Iterable[Validated]) -> dict[str, Any]:
    """What the reducer is given: the validated fields of each item, by item or in the plan's order."""
    places = {each.item_id: place for place, each in enumerate(plan.items)}
    by_item = plan.reduce.order is ReduceOrder.ITEM_ID
    ordered = sorted(validated, key=lambda each: each.item_id if by_item else places[each.item_id])
    return {"items": [dict(each.fields) for each in ordered]}


def refuse_too_few(plan: MapReducePlan, quarantined: Sequence[Quarantined]) -> None:
    """Refuse to reduce where more outputs were quarantined than the plan allows. Raises TooFewOutputs."""
    allowed = plan.on_invalid.quarantined_max
    if len(quarantined) > allowed:
        first = quarantined[0]
        raise TooFewOutputs(
            f"{len(quarantined)} of {len(plan.items)} map outputs were quarantined",
            why=f"the plan allows {allowed}; {first.item_id}: {first.problems[0]}",
            hint="Look at their jobs, or raise `on_invalid.quarantined_max`",
        )
