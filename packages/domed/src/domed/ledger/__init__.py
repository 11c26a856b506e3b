"""Changes jobs, and nobody else does: each change is a fact, stored together with what it implies.

Audits refusals and keeps approvals, each durable before it counts.
"""

from domed.ledger.approvals import Approvals
from domed.ledger.ledger import JobLedger
from domed.ledger.recent import Recent
from domed.ledger.submitting import Accepted, Beginning

__all__ = ("Accepted", "Approvals", "Beginning", "JobLedger", "Recent")
