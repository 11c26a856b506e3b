"""`dome board`: where every package stands, and who acts on it."""

from dome_spec.commands.board.verb import register

__all__ = ["register"]
