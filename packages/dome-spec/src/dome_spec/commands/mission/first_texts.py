"""Writes the first texts of a mission from a few words. They are the author's from then on."""

from argparse import Namespace
from pathlib import Path
from typing import Any

from dome_spec.commands.verb import UsageWrong
from dome_spec.kernel.yaml_text import write_yaml
from dome_spec.missions import MISSION_FILE, PACKAGES_FOLDER, MissionRefusal

_FIRST = "WP01.md"


def write_texts(arguments: Namespace, folder: Path) -> None:
    """Write `mission.yaml`, and a package where files are named. Raises MissionRefusal, UsageWrong."""
    if not arguments.require:
        raise UsageWrong("--goal goes with at least one --require ID=TEXT: what must be true in the end")
    requirements = [_requirement(each) for each in arguments.require]
    text: dict[str, Any] = {
        "slug": arguments.slug,
        "title": arguments.title or arguments.goal,
        "purpose": {"summary": arguments.goal},
        "requirements": requirements,
    }
    if arguments.must_not:
        found = enumerate(arguments.must_not, 1)
        text["negative_invariants"] = [{"id": f"NI-{place:03d}", "text": each} for place, each in found]
    if arguments.type:
        text["type"] = arguments.type
    _write(folder / MISSION_FILE, write_yaml(text))
    if arguments.owns:
        fields = {
            "title": arguments.title or arguments.goal,
            "requirements": [each["id"] for each in requirements],
            "owned_files": arguments.owns,
        }
        _write(folder / PACKAGES_FOLDER / _FIRST, f"---\n{write_yaml(fields).strip()}\n---\n\n{arguments.goal}\n")


def _requirement(text: str) -> dict[str, str]:
    name, _, what = text.partition("=")
    if not what:
        raise UsageWrong(f"--require {text}: write ID=TEXT, such as FR-001=Dates are parsed")
    return {"id": name, "priority": "must", "text": what}


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise MissionRefusal(
            f"{path} is there already",
            why="a text of yours is never replaced",
            hint="Leave `--goal` and what goes with it out, and it is read as it stands",
        ) from None
