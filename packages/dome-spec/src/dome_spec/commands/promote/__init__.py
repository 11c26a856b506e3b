"""`dome promote`: decides on bringing a commit to its destination, and records what a person says of it."""

from dome_spec.commands.promote.door import SUMMARY, register

__all__ = ["SUMMARY", "register"]
