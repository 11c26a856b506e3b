"""`dome plan`: makes plans, looks at them, and carries them out. One module for each verb."""

from dome_spec.commands.plan.group import register

__all__ = ["register"]
