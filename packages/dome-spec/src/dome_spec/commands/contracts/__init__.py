"""`dome contracts`: looks at contracts, compares them, and blesses them. One module for each verb."""

from dome_spec.commands.contracts.door import SUMMARY, register

__all__ = ["SUMMARY", "register"]
