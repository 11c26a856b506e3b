"""Why a map-reduce is not begun, or has no value.

MapReduceRefused
├── OverBudget        it would cost more than its plan allows, or has
├── SchemaUnfit       the schema of map outputs is another one, or leaves room for what nobody asked for
├── SkillUnfit        a skill is not there, or does more than the plan allows
├── TooFewOutputs     too many map outputs were quarantined; the reducer was not run
└── NoValue           the reducer was run, and left nothing
"""

from dome_contracts.exit_codes import Exit
from dome_contracts.policy_reasons import PolicyReason
from dome_spec.kernel import Refusal


class MapReduceRefused(Refusal):
    """The map-reduce has no value."""

    code = "MAP_REDUCE_REFUSED"
    policy_reason_code = PolicyReason.GUARD_DENIED


class OverBudget(MapReduceRefused):
    """It would cost more than its plan allows, and nothing was dispatched; or it took too long, or left too much."""

    code = "OVER_BUDGET"
    exit_code = Exit.LIMIT
    policy_reason_code = PolicyReason.BUDGET_EXHAUSTED


class SchemaUnfit(MapReduceRefused):
    """The schema of map outputs is another one, or leaves room for what nobody asked for."""

    code = "SCHEMA_UNFIT"
    exit_code = Exit.INVALID


class SkillUnfit(MapReduceRefused):
    """A skill is not there, or does more than the plan allows."""

    code = "SKILL_UNFIT"


class TooFewOutputs(MapReduceRefused):
    """Too many map outputs were quarantined. The reducer was not run."""

    code = "TOO_FEW_OUTPUTS"
    exit_code = Exit.FAILED


class NoValue(MapReduceRefused):
    """The reducer was run, and left nothing."""

    code = "NO_VALUE"
    exit_code = Exit.FAILED
