"""The gate on `contracts/examples`. What is looked at, and how, stands in `ci.examples`."""

from pathlib import Path

from ci import examples
from ci.gates.finding import Finding


def check(tree: Path) -> list[Finding]:
    """Valid examples that fail, invalid ones that pass or fail by another rule, and families without examples."""
    return examples.check(tree)
