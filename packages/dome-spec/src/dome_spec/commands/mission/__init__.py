"""`dome mission`: missions of a repository, from the first text to the commit with which they land."""

from dome_spec.commands.mission.group import register

__all__ = ["register"]
