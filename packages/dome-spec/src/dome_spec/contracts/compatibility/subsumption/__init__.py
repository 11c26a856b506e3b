"""A sound structural proof that one schema accepts all that another accepts, or a document that shows it does not.

Says nothing about who reads and who writes, and asks no validator about whole documents: that is `decide`.
"""

from dome_spec.contracts.compatibility.subsumption.budget import PROOF_STEPS_MAX
from dome_spec.contracts.compatibility.subsumption.outcome import Doubtful, Model, NoModel, Open, Outcome
from dome_spec.contracts.compatibility.subsumption.proof import Proof, Which

__all__ = ["PROOF_STEPS_MAX", "Doubtful", "Model", "NoModel", "Open", "Outcome", "Proof", "Which"]
