"""The gate on `generated/`: it is what the contracts say, to the byte."""

from pathlib import Path

from ci.gates.finding import Finding, GateFailed
from ci.gen.build import build
from ci.gen.tree import COMMAND, GenerationError, compare


def check(tree: Path) -> list[Finding]:
    """Every generated file that is edited, missing or surplus."""
    try:
        expected = build(tree)
    except GenerationError as error:
        raise GateFailed(str(error)) from error
    return [
        Finding(f"generated/{found.path}", found.verdict, f"Change its source, then run `./{COMMAND}`.")
        for found in compare(expected, tree / "generated")
    ]
