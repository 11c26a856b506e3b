"""Takes jobs from the queue and carries them out: seat, locks, record of the start, program, outcome."""

from domed.runner.required import Requirement, reason
from domed.runner.runner import Runner

__all__ = ["Requirement", "Runner", "reason"]
