"""The files that the commit to come changes. A hook is handed those that are still there; this knows the others too."""

from pathlib import Path

from ci.gates.program import ask


def staged(tree: Path) -> list[str]:
    """Paths from the root of the tree: added, changed, and taken away (a moved file is both). None outside of git."""
    answer = ask(["git", "diff", "--cached", "--name-only", "--no-renames", "-z"], tree)
    return [path for path in answer.out.split("\0") if path] if answer.code == 0 else []
