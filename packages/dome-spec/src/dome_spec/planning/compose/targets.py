"""What a check, a suite or a failure is about, as the target of a TaskSpec; and which of them speak of the same."""

import re
from collections.abc import Mapping
from typing import Any, Final

from dome_contracts.schema.shared.definitions import Target, TargetKind
from dome_spec.planning.skills import RUN, TEST

NAME_CHARACTERS_MAX: Final = 1024
ALL_TESTS: Final = "pytest:."
_NODE: Final = "::"
_NO_NODE: Final = re.compile(r"^[-/@]|[\x00-\x1f\x7f]|(^|/)\.\.(/|::|$)")
"""What names no test: what a runner would take for an option, and what leads out of the repository."""
NARROWING: Final = ("paths", "select", "markers", "max_failures")
"""Fields of the input that leave tests out."""


def target_of(skill_id: str, tool_input: Mapping[str, Any]) -> Target:
    """What running a skill with this input says something about."""
    if skill_id == TEST.skill_id:
        return _of_tests(tool_input)
    if skill_id == RUN.skill_id:
        return Target(kind=TargetKind.COMPONENT, id=_name(" ".join(map(str, tool_input.get("argv", [skill_id])))))
    paths = tool_input.get("paths")
    if isinstance(paths, list) and len(paths) == 1 and isinstance(paths[0], str) and paths[0]:
        return Target(kind=TargetKind.PATH, id=_name(paths[0]))
    return Target(kind=TargetKind.TOOL, id=skill_id)


def _of_tests(tool_input: Mapping[str, Any]) -> Target:
    paths = [str(each) for each in tool_input.get("paths") or []]
    narrowing = [f"{name}={tool_input[name]}" for name in NARROWING[1:] if tool_input.get(name)]
    if len(paths) == 1 and not narrowing:
        return tests_target(paths[0])
    return Target(kind=TargetKind.COMPONENT, id=_name(" ".join([ALL_TESTS, *paths, *narrowing])))


def tests_target(path: str) -> Target:
    """One test, or a file or folder of tests."""
    return Target(kind=TargetKind.TEST if _NODE in path else TargetKind.PATH, id=_name(path))


def reaches(skill_id: str, tool_input: Mapping[str, Any], target: Target) -> bool:
    """Whether running the skill with this input would see the target fail."""
    if target_of(skill_id, tool_input) == target:
        return True
    if skill_id != TEST.skill_id or target.kind not in (TargetKind.TEST, TargetKind.PATH):
        return False
    if _NO_NODE.search(target.id):
        return False
    paths = [str(each).rstrip("/") for each in tool_input.get("paths") or []]
    return not paths or any(_lies_in(target.id, path) for path in paths)


def is_wider(skill_id: str, tool_input: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether running the skill with this input runs all that it runs with the other one."""
    if tool_input == other:
        return True
    if skill_id != TEST.skill_id or any(tool_input.get(name) for name in NARROWING[1:]):
        return False
    paths, others = ([str(each).rstrip("/") for each in given.get("paths") or []] for given in (tool_input, other))
    return not paths or (bool(others) and all(any(_lies_in(each, path) for path in paths) for each in others))


def _lies_in(name: str, path: str) -> bool:
    return name == path or name.startswith((f"{path}/", f"{path}{_NODE}", f"{path}["))


def _name(text: str) -> str:
    return text[:NAME_CHARACTERS_MAX]
