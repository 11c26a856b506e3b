"""The gate on types: mypy, strictly, over the program and its tests."""

import re
from pathlib import Path
from typing import Final

from ci.gates.finding import Finding, GateFailed
from ci.gates.program import ask

# Test folders below a name with a dash are seen alone: two `conftest` would be the same module.
RUNS: Final = (
    ("packages/domed/src", "packages/dome-spec/src", "packages/dome-client/src", "ci", "tests", "packages/domed/tests"),
    ("packages/dome-spec/tests",),
    ("packages/dome-client/tests",),
)
LINE: Final = re.compile(r"^(\S+:\d+): error: (.*)$", re.MULTILINE)


def check(tree: Path) -> list[Finding]:
    """What mypy finds in every folder that has modules."""
    return [found for run in RUNS for found in _in_run(tree, run)]


def _in_run(tree: Path, folders: tuple[str, ...]) -> list[Finding]:
    present = [folder for folder in folders if any((tree / folder).rglob("*.py"))]
    if not present:
        return []
    answer = ask(["mypy", "--no-error-summary", *present], tree)
    if answer.code == 0:
        return []
    found = [Finding(place, what.strip(), "Give it the type that it has.") for place, what in LINE.findall(answer.out)]
    if not found:
        raise GateFailed((answer.out + answer.err).strip())
    return found
