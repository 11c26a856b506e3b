"""`dome gate`: asks gates about the attempts of a run, and shows why they decided so. One module for each verb."""

from dome_spec.commands.gate.door import SUMMARY, register

__all__ = ["SUMMARY", "register"]
