"""The subchecks of `python_standard`: one module for each, each a pure judgement of what was observed."""

from dome_spec.standards.subchecks.contract_validity import contract_validity
from dome_spec.standards.subchecks.determinism import determinism
from dome_spec.standards.subchecks.finding import Judged
from dome_spec.standards.subchecks.observability_split import observability_split
from dome_spec.standards.subchecks.promised_values import spec_as_test
from dome_spec.standards.subchecks.side_effects import side_effects

__all__ = [
    "Judged",
    "contract_validity",
    "determinism",
    "observability_split",
    "side_effects",
    "spec_as_test",
]
