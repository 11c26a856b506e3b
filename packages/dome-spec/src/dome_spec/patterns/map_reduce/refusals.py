"""Why a map-reduce is not begun, or has no value.

MapReduceRefused
├── OverBudget        it would cost more than its plan allows, or has
├── SchemaUnfit       the schema of map outputs is another one, or leaves room for what nobody asked for
├── SkillUnfit        a skill is not there, or does more than the plan allows
├── ShardsFailed      map jobs could not be asked for or followed; ShardsUnanswered where nobody answered
├── TooFewOutputs     too many map outputs were quarantined; the reducer was not run
└── NoValue           the reducer was run, and left nothing
"""

from collections.abc import Sequence
from typing import Final

from dome_contracts.exit_codes import Exit
from dome_contracts.policy_reasons import PolicyReason
from dome_spec.kernel import Refusal

_SHOWN_MAX: Final = 3


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


class ShardsFailed(MapReduceRefused):
    """Map jobs could not be asked for, or not be followed to their end. Those that run go on."""

    code = "SHARDS_FAILED"

    def __init__(self, failures: Sequence[tuple[str, str]], *, count: int, run_id: str) -> None:
        """`failures` are items with what became of them, in the order of the items; `count` is that of all items."""
        shown = "; ".join(f"{item_id}: {' '.join(text.split())}" for item_id, text in failures[:_SHOWN_MAX])
        more = f"; and {len(failures) - _SHOWN_MAX} more" if len(failures) > _SHOWN_MAX else ""
        super().__init__(
            f"Of {count} items, {len(failures)} could not be mapped",
            why=f"{shown}{more}",
            hint=f"Mend what it names; with `--run-id {run_id}` the same command goes on, and runs nothing twice",
        )
        self._failures = tuple(failures)

    @property
    def faults(self) -> Sequence[tuple[str, str]]:
        return self._failures


class ShardsUnanswered(ShardsFailed):
    """Nobody answered for them."""

    code = "SHARDS_UNANSWERED"
    exit_code = Exit.UNAVAILABLE


class TooFewOutputs(MapReduceRefused):
    """Too many map outputs were quarantined. The reducer was not run."""

    code = "TOO_FEW_OUTPUTS"
    exit_code = Exit.FAILED


class NoValue(MapReduceRefused):
    """The reducer was run, and left nothing."""

    code = "NO_VALUE"
    exit_code = Exit.FAILED
