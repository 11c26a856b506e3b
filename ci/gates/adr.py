"""The gate on decisions: short, in one shape, and each names what enforces it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ci.gates.finding import Finding

FOLDER: Final = "docs/adr"
INDEX: Final = "docs/adr/index.md"
LINES_MAX: Final = 60
STATUSES: Final = ("proposed", "accepted", "superseded")
SECTIONS: Final = ["Context", "Options", "Decision", "Consequences", "Confirmation"]
FILE: Final = re.compile(r"^(\d{4})-[a-z0-9-]+\.md$")
STATUS: Final = re.compile(r"^Status: (\w+)", re.MULTILINE)
QUOTED: Final = re.compile(r"`([^`\s]+)`")
REGISTRY: Final = "ci/gates/registry.py"
REGISTERED: Final = re.compile(r'\bGate\(\s*"([a-z-]+)"')
GATE: Final = re.compile(r"\bgates? ((?:`[a-z-]+`(?:, | and )?)+)")


def check(tree: Path) -> list[Finding]:
    """Decisions that are long, out of shape, or name an enforcer that does not exist."""
    paths = [path for path in sorted((tree / FOLDER).glob("*.md")) if path.name != "index.md"]
    found = [finding for path in paths for finding in _in_file(tree, path)]
    numbers = [path.name[:4] for path in paths]
    for number in sorted({number for number in numbers if numbers.count(number) > 1}):
        found.append(Finding(FOLDER, f"number {number} is used twice", "Take the next free number."))
    index = (tree / INDEX).read_text(encoding="utf-8")
    found += [
        Finding(INDEX, f"{path.name} is not listed", "Add its row.") for path in paths if f"]({path.name})" not in index
    ]
    return found


def _in_file(tree: Path, path: Path) -> Iterator[Finding]:
    place, text = path.relative_to(tree).as_posix(), path.read_text(encoding="utf-8")
    if not FILE.match(path.name):
        yield Finding(place, "the name is not NNNN-title.md", "Rename it.")
    if (lines := len(text.splitlines())) > LINES_MAX:
        yield Finding(
            place, f"{lines} lines, at most {LINES_MAX}", "One decision; leave the rest to explanation pages."
        )
    status = STATUS.search(text)
    if status is None or status[1] not in STATUSES:
        yield Finding(place, "the status is not known", f"Say `Status: ` and one of {', '.join(STATUSES)}.")
    sections = re.findall(r"^## (.+)$", text, re.MULTILINE)
    if sections != SECTIONS:
        yield Finding(place, f"the sections are {', '.join(sections)}", f"They are {', '.join(SECTIONS)}.")
    yield from _confirmed(tree, place, text.partition("## Confirmation")[2])


def _confirmed(tree: Path, place: str, text: str) -> Iterator[Finding]:
    """Every path, test and gate that the Confirmation names exists, and there is one."""
    gates = {name for match in GATE.finditer(text) for name in QUOTED.findall(match[1])}
    paths = {quoted for quoted in QUOTED.findall(text) if "/" in quoted}
    if not gates | paths:
        yield Finding(place, "the Confirmation names no gate, test or file", "Name what enforces the decision.")
    for name in sorted(gates - _gates(tree)):
        yield Finding(place, f"there is no gate {name}", "Name one that `python -m ci.gates --list` shows.")
    for quoted in sorted(paths):
        file, _, test = quoted.partition("::")
        if not (tree / file).exists():
            yield Finding(place, f"{file} does not exist", "Name what enforces the decision today.")
        elif test and f"def {test}(" not in (tree / file).read_text(encoding="utf-8"):
            yield Finding(place, f"{file} has no test {test}", "Name one that it has.")


def _gates(tree: Path) -> set[str]:
    return set(REGISTERED.findall((tree / REGISTRY).read_text(encoding="utf-8")))
