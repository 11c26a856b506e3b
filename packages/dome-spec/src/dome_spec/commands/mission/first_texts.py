"""The first texts of a mission, from a few words. They are the author's from then on."""

import re
from argparse import Namespace
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

from dome_spec.commands.verb import UsageWrong
from dome_spec.kernel.yaml_text import write_yaml
from dome_spec.missions import MISSION_FILE, PACKAGES_FOLDER, MissionRefusal

_FIRST: Final = "WP01.md"
_REQUIREMENT: Final = re.compile(r"(FR|NFR|C)-[0-9]{3,4}")


def first_texts(arguments: Namespace, folder: PurePosixPath) -> dict[PurePosixPath, str]:
    """`mission.yaml`, and a package where files are named, by path from the root. Raises UsageWrong."""
    if not arguments.goal.strip():
        raise UsageWrong("--goal: it says nothing: write in a sentence what the mission is for")
    if not arguments.require:
        raise UsageWrong("--goal goes with at least one --require ID=TEXT: what must be true in the end")
    requirements = list(_requirements(arguments.require))
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
    texts = {folder / MISSION_FILE: write_yaml(text)}
    if arguments.owns:
        fields = {
            "title": arguments.title or arguments.goal,
            "requirements": [each["id"] for each in requirements],
            "owned_files": arguments.owns,
        }
        package = f"---\n{write_yaml(fields).strip()}\n---\n\n{arguments.goal}\n"
        texts[folder / PACKAGES_FOLDER / _FIRST] = package
    return texts


def refuse_written(root: Path, texts: Mapping[PurePosixPath, str]) -> None:
    """Refuse where one of the texts is there already. Raises MissionRefusal."""
    for path in texts:
        if (root / path).exists() or (root / path).is_symlink():
            raise _there_already(path)


def write_texts(root: Path, texts: Mapping[PurePosixPath, str]) -> None:
    """Write the texts. Raises MissionRefusal where one of them came to be there meanwhile."""
    for path, text in texts.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with target.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            raise _there_already(path) from None


def _there_already(path: PurePosixPath) -> MissionRefusal:
    hint = "Leave `--goal` and what goes with it out, and it is read as it stands"
    return MissionRefusal(f"{path} is there already", why="a text of yours is never replaced", hint=hint)


def _requirements(words: list[str]) -> Iterator[dict[str, str]]:
    known = set[str]()
    for each in words:
        name, _, what = each.partition("=")
        if not what.strip():
            raise UsageWrong(f"--require {each}: write ID=TEXT, such as FR-001=Dates are parsed")
        if _REQUIREMENT.fullmatch(name) is None:
            raise UsageWrong(f"--require {each}: {name} names no requirement: write FR-001, NFR-001 or C-001")
        if name in known:
            raise UsageWrong(f"--require {each}: {name} is there twice: give each a number of its own")
        known.add(name)
        yield {"id": name, "priority": "must", "text": what}
