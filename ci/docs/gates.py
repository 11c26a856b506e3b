"""The page of the gates, from their registry."""

from pathlib import Path

from ci.docs.markdown import code, head, table
from ci.gates.registry import GATES


def page(_tree: Path) -> str:
    """Every gate with what it finds."""
    rows = [
        (code(gate.name), (gate.check.__doc__ or "").split("\n\n")[0], "" if gate.quick else "no") for gate in GATES
    ]
    intro = (
        "`./just gates` runs all; `--only NAME` some, `--changed FILE` those that a file can turn red, `--quick` only\n"
        "those that take no seconds, `--json` is for programs. A red gate says where, what, and how to repair it.\n"
    )
    return "\n".join((head("Gates", "ci/gates/registry.py"), intro, table(("gate", "finds", "quick"), rows)))
