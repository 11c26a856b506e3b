"""Secure map-reduce: isolated map jobs, a closed schema between, and a reducer that sees validated values only."""

from dome_spec.patterns.map_reduce.outputs import MapOutput, OutputJudge, Quarantined, Validated, reducer_input
from dome_spec.patterns.map_reduce.parts import Part, Witness, task_of
from dome_spec.patterns.map_reduce.refusals import (
    MapReduceRefused,
    NoValue,
    OverBudget,
    SchemaUnfit,
    ShardsFailed,
    ShardsUnanswered,
    SkillUnfit,
    TooFewOutputs,
)
from dome_spec.patterns.map_reduce.run import MapReduce, Reduced

__all__ = [
    "MapOutput",
    "MapReduce",
    "MapReduceRefused",
    "NoValue",
    "OutputJudge",
    "OverBudget",
    "Part",
    "Quarantined",
    "Reduced",
    "SchemaUnfit",
    "ShardsFailed",
    "ShardsUnanswered",
    "SkillUnfit",
    "TooFewOutputs",
    "Validated",
    "Witness",
    "reducer_input",
    "task_of",
]
