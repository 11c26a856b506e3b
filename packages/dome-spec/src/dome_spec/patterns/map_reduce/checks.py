"""What has to hold before anything is dispatched. Pure: a refusal costs nothing.

The schema of map outputs is a trust boundary: what a map job writes may have been steered by the item that it read. So
it is closed: unknown keys are refused, texts and lists have a greatest length, and only named fields go on.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from dome_contracts.canonical import digest
from dome_contracts.runtime.v1 import ToolDescriptor
from dome_contracts.schema.patterns.map_reduce_plan import MapReducePlan
from dome_contracts.schema.planning.task_spec import Requirements
from dome_spec.dispatch import requirement_findings
from dome_spec.patterns.map_reduce.parts import reducer_effects
from dome_spec.patterns.map_reduce.refusals import OverBudget, SchemaUnfit, SkillUnfit

_BOUNDS: Final = {"string": "maxLength", "array": "maxItems"}
_SCALARS: Final = frozenset({"number", "integer", "boolean", "null"})


def refuse_over_budget(plan: MapReducePlan) -> None:
    """Refuse a plan of more map jobs than it allows. Raises OverBudget."""
    count, allowed = len(plan.items), plan.budget.fan_out_max
    if count > allowed:
        raise OverBudget(
            f"{count} items need {count} map jobs",
            why=f"the plan allows {allowed}",
            hint="Take fewer items, or raise `budget.fan_out_max`",
        )


def refuse_unfit_schema(plan: MapReducePlan, schema: Mapping[str, Any]) -> None:
    """Refuse a schema that is not the plan's, or not closed. Raises SchemaUnfit."""
    asked = plan.map.output_schema
    if digest(dict(schema)) != asked.digest:
        raise SchemaUnfit("The schema is not the one of the plan", why=f"the plan names {asked.digest}")
    problems = list(_openings(schema, ""))
    known = set(schema.get("properties", {}))
    problems += [f"there is no field {each!r}" for each in asked.fields if each not in known]
    problems += [f"the reducer asks for {each!r}" for each in plan.reduce.fields or () if each not in asked.fields]
    if problems:
        raise SchemaUnfit(
            "The schema of map outputs is not closed", why="; ".join(problems), hint="Bound every part of it"
        )


def refuse_unfit_skills(plan: MapReducePlan, mapper: ToolDescriptor | None, reducer: ToolDescriptor | None) -> None:
    """Refuse skills that are not there, do more than allowed, or do not always say the same. Raises SkillUnfit."""
    for name, requires, tool in (
        ("map", Requirements(skill=plan.map.skill, effects=plan.map.effects), mapper),
        ("reduce", Requirements(skill=plan.reduce.skill, effects=reducer_effects(plan)), reducer),
    ):
        missing = [each for each in requirement_findings(requires, tool, ()) if not each.met]
        if missing:
            why = "; ".join(f"asked for {each.requirement}, found {each.found or 'nothing'}" for each in missing)
            raise SkillUnfit(f"The {name} skill does not serve", why=why, hint="`dome tools` lists what there is")
    if reducer is None or not reducer.deterministic:
        raise SkillUnfit(
            f"{plan.reduce.skill.skill_id} does not serve as a reducer",
            why="its manifest does not declare it deterministic",
            hint="Declare `deterministic: true` where it is so",
        )


def _openings(schema: object, place: str) -> Iterator[str]:
    """Where a schema leaves room for what nobody asked for."""
    at = place or "the output"
    if not isinstance(schema, Mapping):
        yield f"{at} may be anything"
        return
    if "const" in schema or "enum" in schema:
        return
    kind = schema.get("type")
    if kind == "object":
        if schema.get("additionalProperties") is not False:
            yield f"{at} takes unknown keys"
        for name, inner in schema.get("properties", {}).items():
            yield from _openings(inner, f"{place}/{name}")
    elif kind in _BOUNDS:
        if not isinstance(schema.get(_BOUNDS[kind]), int):
            yield f"{at} has no {_BOUNDS[kind]}"
        if kind == "array":
            yield from _openings(schema.get("items"), f"{place}/*")
    elif kind not in _SCALARS:
        yield f"{at} may be anything"
