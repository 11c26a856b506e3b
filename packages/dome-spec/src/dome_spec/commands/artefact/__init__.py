"""`dome artefact`: what an effector is given for one step."""

from dome_spec.commands.artefact.group import register

__all__ = ["register"]
