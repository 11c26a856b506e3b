"""`dome artefact`: what an effector is given for one step."""

from dome_spec.commands.artefact.door import SUMMARY, register

__all__ = ["SUMMARY", "register"]
