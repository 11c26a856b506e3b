"""The parts of a map-reduce, one for each job: as tasks, so that what is learnt of them has a key. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from dome_contracts.runtime.v1 import Job
from dome_contracts.schema.patterns.map_reduce_plan import MapReducePlan
from dome_contracts.schema.planning.plan import Layer, PlannedTask
from dome_contracts.schema.planning.task_spec import TaskSpec
from dome_contracts.schema.runtime.tool_manifest import Effects
from dome_contracts.schema.shared.definitions import SkillRequirement
from dome_spec.kernel import read_document
from dome_spec.patterns.map_reduce.outputs import MapOutput, Quarantined
from dome_spec.planning import Reach, side_effects_for

MAP: Final = "map"
REDUCE: Final = "reduce"
READS: Final = Effects.from_value({"filesystem": "read", "network": "none", "starts_processes": False})
"""How far a reducer may reach whose plan says nothing: it is given all that it needs."""
_ACTIONS: Final = {MAP: "observe", REDUCE: "rank"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One job of a map-reduce."""

    stage: str
    item_id: str
    """Empty for the reducer."""
    skill: SkillRequirement
    effects: Effects
    tool_input: Mapping[str, Any]
    tool_version: str
    """Version of the tool that was looked at."""

    @property
    def name(self) -> str:
        """Names it within its map-reduce."""
        return f"{self.stage} {self.item_id}" if self.item_id else self.stage


class Witness(Protocol):
    """Is told how the jobs of a map-reduce end, and keeps it."""

    def named(self, part: Part) -> tuple[str, str]:
        """The ids of the task and of the attempt that is due."""
        ...

    async def ended(self, part: Part, job: Job) -> None:
        """The job of a part has ended."""
        ...

    def refused(self, part: Part, error: Exception) -> None:
        """The daemon did not take the request for a part."""
        ...

    def judged(self, outputs: list[MapOutput], quarantined: tuple[Quarantined, ...]) -> None:
        """The map outputs, and which of them are put aside."""
        ...


def reducer_effects(plan: MapReducePlan) -> Effects:
    """How far the reducer may reach."""
    return plan.reduce.effects or READS


def task_of(part: Part, plan: MapReducePlan) -> PlannedTask:
    """A part as a task: it looks, and changes nothing."""
    effects = part.effects
    reach = Reach(
        effects.filesystem.value,
        effects.network.value,
        starts_processes=effects.starts_processes,
        writes=None if effects.writes is None else tuple(map(str, effects.writes)),
    )
    spec = {
        "schema_version": "1",
        "scope": "run",
        "target": {"kind": "component", "id": part.item_id or REDUCE},
        "action": {"kind": _ACTIONS[part.stage]},
        "failure_reason_code": "NONE",
        "goal": plan.goal,
        "acceptance_criteria": [],
        "side_effects": side_effects_for(reach).to_value(),
        "requires": {"skill": part.skill.to_value(), "effects": effects.to_value()},
        "input": dict(part.tool_input),
    }
    return PlannedTask(layer=Layer.OBSERVE, spec=read_document(TaskSpec, spec), depends_on=[])
