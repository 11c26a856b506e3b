"""Gates on Python's look: `ruff check` and `ruff format`."""

import json
from pathlib import Path

from ci.gates.finding import Finding, GateFailed
from ci.gates.program import Answer, ask


def lint(tree: Path) -> list[Finding]:
    """What ruff finds by the rules in pyproject.toml."""
    answer = ask(["ruff", "check", "--output-format=json"], tree)
    _looked(answer)
    return [
        Finding(
            f"{_inside(tree, row['filename'])}:{row['location']['row']}",
            f"{row['message'].rstrip('.')} ({row['code']})",
            "`./just fix` repairs it." if row.get("fix") else "See `ruff rule` for the reason.",
        )
        for row in json.loads(answer.out)
    ]


def form(tree: Path) -> list[Finding]:
    """Modules that ruff would write otherwise."""
    answer = ask(["ruff", "format", "--check", "--output-format=json"], tree)
    _looked(answer)
    paths = sorted({_inside(tree, row["filename"]) for row in json.loads(answer.out)})
    return [Finding(path, "not formatted", "Run `./just fix`.") for path in paths]


def _looked(answer: Answer) -> None:
    if answer.code not in {0, 1}:
        raise GateFailed(answer.err.strip())


def _inside(tree: Path, path: str) -> str:
    return Path(path).resolve().relative_to(tree.resolve()).as_posix()
