"""`dome charter`: what a repository has bound itself to."""

from dome_spec.commands.charter.door import SUMMARY, register

__all__ = ["SUMMARY", "register"]
