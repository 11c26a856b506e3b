"""`dome charter`: what a repository has bound itself to."""

from dome_spec.commands.charter.group import register

__all__ = ["register"]
