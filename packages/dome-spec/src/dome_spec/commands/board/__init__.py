"""`dome board`: where every package stands, and who acts on it."""

from dome_spec.commands.board.door import SUMMARY, register

__all__ = ["SUMMARY", "register"]
