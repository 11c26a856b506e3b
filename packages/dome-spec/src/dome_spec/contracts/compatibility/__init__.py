"""Whether readers and writers of one JSON Schema can live with another: the compatibility engine.

Pure: schemas come in as parsed documents, verdicts go out as values. It reads no files and knows no families, tiers or
baselines.
"""

from dome_spec.contracts.compatibility.acceptance import Acceptance
from dome_spec.contracts.compatibility.compare import compare, compare_all
from dome_spec.contracts.compatibility.rules import RULES, Rule
from dome_spec.contracts.compatibility.schema import Schema, SchemaFault, SchemaRefused, parse
from dome_spec.contracts.compatibility.values import Change, Comparison, Direction, Verdict, Witness

__all__ = [
    "RULES",
    "Acceptance",
    "Change",
    "Comparison",
    "Direction",
    "Rule",
    "Schema",
    "SchemaFault",
    "SchemaRefused",
    "Verdict",
    "Witness",
    "compare",
    "compare_all",
    "parse",
]
