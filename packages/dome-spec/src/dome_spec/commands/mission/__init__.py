"""`dome mission`: missions of a repository, from the first text to the commit with which they land."""

from dome_spec.commands.mission.door import SUMMARY, register

__all__ = ["SUMMARY", "register"]
