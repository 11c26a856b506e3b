"""Standards: whether a tool does what its manifest says, found out by running it through the runtime port."""

from dome_spec.standards.kept import NotChecked, ReportDamaged, StandardReports, known_status
from dome_spec.standards.observed import Enforced, Observed, Origin, Refused, Run, Tried
from dome_spec.standards.place import DirectoryTooLarge, Place, scratch, spared
from dome_spec.standards.report import STANDARD, Checked, judged, observation, report_of
from dome_spec.standards.trial import Trial

__all__ = [
    "STANDARD",
    "Checked",
    "DirectoryTooLarge",
    "Enforced",
    "NotChecked",
    "Observed",
    "Origin",
    "Place",
    "Refused",
    "ReportDamaged",
    "Run",
    "StandardReports",
    "Trial",
    "Tried",
    "judged",
    "known_status",
    "observation",
    "report_of",
    "scratch",
    "spared",
]
