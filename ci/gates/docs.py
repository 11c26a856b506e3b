"""The gates on documents: reference pages are what the code says, and no link leads nowhere."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ci.gates.finding import Finding, GateFailed
from ci.gates.program import ask, python

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = "docs"
STALE: Final = re.compile(r"^(docs/reference/\S+): (.+)$", re.MULTILINE)
LINK: Final = re.compile(r"\]\(([^)\s#]+)(?:#[^)]*)?\)")
FENCE: Final = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
ROOT_PAGES: Final = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")


def current(tree: Path) -> list[Finding]:
    """Reference pages that `python -m ci.docs` would write otherwise. It runs alone: it imports what it describes."""
    answer = ask(python("-m", "ci.docs", "--check", "--tree", str(tree.resolve())), ROOT)
    found = STALE.findall(answer.err)
    if answer.code and not found:
        raise GateFailed((answer.err or answer.out).strip().splitlines()[-1])
    return [Finding(path, verdict, "Run `python -m ci.docs` and commit what it writes.") for path, verdict in found]


def links(tree: Path) -> list[Finding]:
    """Links inside the repository without a target."""
    return [*_links(tree)]


def _links(tree: Path) -> Iterator[Finding]:
    for path in (*(tree / name for name in ROOT_PAGES), *sorted((tree / FOLDER).rglob("*.md"))):
        text = FENCE.sub("", path.read_text(encoding="utf-8")) if path.is_file() else ""
        for target in LINK.findall(text):
            if "://" not in target and not target.startswith("mailto:") and not (path.parent / target).exists():
                place = path.relative_to(tree).as_posix()
                yield Finding(place, f"the link to {target} leads nowhere", "Mend it, or take it away.")
