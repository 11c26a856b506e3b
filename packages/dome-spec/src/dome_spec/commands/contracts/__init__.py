"""`dome contracts`: looks at contracts, compares them, and blesses them. One module for each verb."""

from dome_spec.commands.contracts.group import register

__all__ = ["register"]
