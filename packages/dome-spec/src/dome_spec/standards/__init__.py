"""Standards that tools are held to, and what was found of them."""

from dome_spec.standards.kept_reports import KeptReports

__all__ = ["KeptReports"]
