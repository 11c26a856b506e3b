"""`dome gate`: asks gates about the attempts of a run, and shows why they decided so. One module for each verb."""

from dome_spec.commands.gate.group import register

__all__ = ["register"]
