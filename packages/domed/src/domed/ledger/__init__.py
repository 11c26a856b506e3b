"""Changes jobs, and nobody else does: each change is a fact, stored together with what it implies."""

from domed.ledger.ledger import Accepted, JobLedger
from domed.ledger.recent import Recent

__all__ = ("Accepted", "JobLedger", "Recent")
