"""The gate on repetition between modules: jscpd, over what people write."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from ci.gates.finding import Finding, GateFailed
from ci.gates.program import ask
from ci.gates.sources import OURS

# A repetition is at least this long; shorter ones cost less than the dependency that would remove them.
LINES_MIN: Final = 20
TOKENS_MIN: Final = 120
REPORT: Final = "jscpd-report.json"


def check(tree: Path) -> list[Finding]:
    """Each pair of places that say the same."""
    folders = [folder for folder in OURS if (tree / folder).is_dir()]
    if not folders:
        return []
    with TemporaryDirectory(prefix="dome-duplication-") as scratch:
        size = ("--min-lines", str(LINES_MIN), "--min-tokens", str(TOKENS_MIN))
        report = ("--reporters", "json", "--output", scratch)
        # Generated code is not written by people; its templates are.
        answer = ask(["jscpd", *folders, "--format", "python", "--mode", "weak", *size, *report], tree)
        path = Path(scratch) / REPORT
        if not path.is_file():
            raise GateFailed((answer.err or answer.out).strip())
        rows = json.loads(path.read_text(encoding="utf-8"))["duplicates"]
    return [
        Finding(
            _place(tree, row["firstFile"]),
            f"{row['lines']} lines stand in {_place(tree, row['secondFile'])} too",
            "Give them one home, or make plain why they differ.",
        )
        for row in rows
    ]


def _place(tree: Path, file: dict[str, Any]) -> str:
    """Path and line; the tool leaves out the folder that it was given."""
    folder = next((f"{folder}/" for folder in OURS if (tree / folder / file["name"]).is_file()), "")
    return f"{folder}{file['name']}:{file['start']}"
