"""`dome memory`: takes in what happened, and says what was learnt of it. One module for each verb."""

from dome_spec.commands.memory.door import SUMMARY, register

__all__ = ["SUMMARY", "register"]
