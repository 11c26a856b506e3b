"""`dome plan`: makes plans, looks at them, and carries them out. One module for each verb."""

from dome_spec.commands.plan.door import SUMMARY, register

__all__ = ["SUMMARY", "register"]
