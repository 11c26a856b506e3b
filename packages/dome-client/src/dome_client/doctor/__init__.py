"""Examines what Dome needs on this machine and says how to repair what is missing. Changes and starts nothing."""

from dome_client.doctor.examination import ASKED, LOOKS, examine
from dome_client.doctor.finding import Check, Verdict

__all__ = ["ASKED", "LOOKS", "Check", "Verdict", "examine"]
