"""What the stored events of one job tell: whether they are what the daemon recorded, and how the job went.

Pure functions of events. Reads no socket and no file, and writes no words for people.
"""

from dome_client.history.account import Account, explain
from dome_client.history.explanation import Explanation, Happened, Limit, Silence, Stream, Wait
from dome_client.history.verification import Check, Finding, Verification, Verifier

__all__ = [
    "Account",
    "Check",
    "Explanation",
    "Finding",
    "Happened",
    "Limit",
    "Silence",
    "Stream",
    "Verification",
    "Verifier",
    "Wait",
    "explain",
]
