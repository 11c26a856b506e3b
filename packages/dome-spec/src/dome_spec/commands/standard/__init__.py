"""`dome standard`: checks tools against the standard. One module for each verb."""

from dome_spec.commands.standard.group import register

__all__ = ["register"]
