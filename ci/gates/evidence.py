"""The gate on evidence: what deltas, work packages and the checklist of the contracts name is there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ci.gates.finding import Finding
from ci.gates.registries import DELTAS, load

KINDS: Final = (("deltas", "evidence", "id"), ("work_packages", "artefacts", "id"), ("checklist", "evidence", "item"))


def check(tree: Path) -> list[Finding]:
    """Files that are named as evidence and do not exist, and work that depends on none that is listed."""
    content = load(tree, DELTAS)
    return [*_files(tree, content), *_depend(content["work_packages"])]


def _files(tree: Path, content: dict[str, Any]) -> Iterator[Finding]:
    """Evidence and artefacts that are not there."""
    for kind, key, name in KINDS:
        for entry in content[kind]:
            for path in entry.get(key, ()):
                if not (tree / path).exists():
                    what = f"{entry[name]}: {path} does not exist"
                    yield Finding(DELTAS, what, "Name files of this repository that show it.")


def _depend(packages: list[dict[str, Any]]) -> Iterator[Finding]:
    """A work package needs only those that name it as a consumer, or all."""
    consumers = {package["id"]: package["consumers"] for package in packages}
    for package in packages:
        for needed in package["needs"]:
            if needed not in consumers:
                yield Finding(DELTAS, f"{package['id']} needs {needed}, which is not there", "Name a work package.")
