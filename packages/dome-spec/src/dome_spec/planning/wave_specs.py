"""The waves of a plan as documents of their own: what goes out together, fixed by the plan's hash."""

from dome_contracts.schema.planning.plan import Plan
from dome_contracts.schema.planning.wave_spec import WaveSpec
from dome_spec.planning.identity import plan_hash


def waves(plan: Plan) -> tuple[WaveSpec, ...]:
    """The waves in their order."""
    named = plan_hash(plan)
    return tuple(
        WaveSpec(schema_version="1", plan_hash=named, wave=number, task_ids=list(wave))
        for number, wave in enumerate(plan.waves, 1)
    )
