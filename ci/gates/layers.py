"""The gate on imports between modules: import-linter, by the contracts in pyproject.toml, exhaustively."""

import os
import re
from pathlib import Path
from typing import Final

from ci.gates.finding import Finding, GateFailed
from ci.gates.program import ask
from ci.gates.sources import PRODUCTION

CHAIN: Final = re.compile(r"^- +(.*)$|^ +(\S+ -> .*)$")
REMEDY: Final = "Move the code to the layer that may know it, or hand the value in. Layers stand in pyproject.toml."


def check(tree: Path) -> list[Finding]:
    """Imports against the layers or across the planes, and modules in no layer."""
    paths = [str(tree / folder) for folder in (*PRODUCTION, "generated/src")]
    answer = ask(
        ["lint-imports", "--no-logo", "--no-cache", "--config", "pyproject.toml"],
        tree,
        # The tree's own packages go before those that are installed in this environment.
        environment={"PYTHONPATH": os.pathsep.join(paths)},
    )
    if answer.code == 0:
        return []
    _, found, report = answer.out.partition("Broken contracts")
    if not found:
        raise GateFailed((answer.out + answer.err).strip())
    return _findings(report)


def _findings(report: str) -> list[Finding]:
    """The report as one finding a contract: its name is underlined, the imports stand below."""
    lines = report.splitlines()
    findings: list[Finding] = []
    name = ""
    for index, line in enumerate(lines):
        following = lines[index + 1] if index + 1 < len(lines) else ""
        if line.strip() and following and set(following) == {"-"}:
            name = line.strip()
        elif name and line.strip() and set(line) != {"-"} and (line.startswith("- ") or "(l." in line or "->" in line):
            findings.append(Finding(name, line.strip().removeprefix("-").strip(), REMEDY))
    return findings or [Finding("layers", report.strip(), REMEDY)]
