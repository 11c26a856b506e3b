"""The gate on pinned contracts: their bytes, their fixtures, and that their words and reasons are ours."""

from pathlib import Path

from ci.gates.finding import Finding
from dome_spec.contracts.pins import pin_faults


def check(tree: Path) -> list[Finding]:
    """Pinned files that were edited, fixtures that are judged otherwise, and reasons or words without one of ours."""
    return [Finding(fault.place, fault.what, fault.remedy) for fault in pin_faults(tree)]
