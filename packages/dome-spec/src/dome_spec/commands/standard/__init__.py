"""`dome standard`: checks tools against the standard. One module for each verb."""

from dome_spec.commands.standard.door import SUMMARY, register

__all__ = ["SUMMARY", "register"]
