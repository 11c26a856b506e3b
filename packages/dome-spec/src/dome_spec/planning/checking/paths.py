"""Whether a path, or a pattern of paths, stays within its repository and can match anything there. Pure, about text.

What a schema can say of one is judged before; this says the rest, of packets, plans and what is said to fail.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from dome_contracts.schema.planning.packet import ChangeConstraints, Packet
from dome_contracts.schema.planning.plan import Plan
from dome_contracts.schema.shared.definitions import Target, TargetKind
from dome_spec.planning.refusals import Problem
from dome_spec.planning.skills import SEARCH, TEST

_REMEDY: Final = "Name it from the root of the repository, such as `src/**`"
_WITHIN_TEST: Final = "::"
_INPUT_PATHS: Final = "paths"
_HERE: Final = "."
_FIRST_PRINTABLE: Final = 32
_DELETE: Final = 127


def fault_of(path: str) -> str:
    """What is wrong with a path or a pattern; empty where nothing is."""
    parts = path.split("/")
    if not path:
        return "it is empty"
    if path.startswith("/"):
        return "it is absolute"
    if path.startswith("~"):
        return "`~` stands for no directory here"
    if "\\" in path:
        return "parts are joined by `/`, not by a backslash"
    if any(ord(sign) < _FIRST_PRINTABLE or ord(sign) == _DELETE for sign in path):
        return "it holds a sign that cannot be printed"
    if ".." in parts:
        return "`..` may lead out of the repository"
    if _HERE in parts:
        return "a part is `.`, which matches no path"
    if "" in parts:
        return "a part is empty, which matches no path"
    return ""


def packet_paths(packet: Packet) -> Iterator[Problem]:
    """What is wrong with the paths of a packet."""
    yield from _bounds(packet.constraints, "/constraints")
    for name, check in packet.checks.items():
        if check.skill.skill_id in (SEARCH.skill_id, TEST.skill_id):
            yield from _input(check.input, f"/checks/{name}/input")


def plan_paths(plan: Plan) -> Iterator[Problem]:
    """What is wrong with the paths of a plan's tasks."""
    for name, task in plan.tasks.items():
        spec, place = task.spec, f"/tasks/{name}/spec"
        if spec.constraints is not None:
            yield from _bounds(spec.constraints, f"{place}/constraints")
        yield from _patterns([str(each) for each in spec.side_effects.paths or ()], f"{place}/side_effects/paths")
        if fault := target_fault(spec.target):
            yield Problem(f"{place}/target/id", f"{spec.target.id!r}: {fault}", _REMEDY)


def target_fault(target: Target) -> str:
    """What is wrong with the path that a target names; empty where nothing is, or where it names none."""
    if target.kind is TargetKind.PATH:
        return "" if target.id == _HERE else fault_of(target.id.removesuffix("/"))
    if target.kind is TargetKind.TEST and _WITHIN_TEST in target.id:
        return fault_of(target.id.partition(_WITHIN_TEST)[0])
    return ""


def _bounds(bounds: ChangeConstraints, place: str) -> Iterator[Problem]:
    yield from _patterns([str(each) for each in bounds.allowed_paths], f"{place}/allowed_paths")
    yield from _patterns([str(each) for each in bounds.forbidden_paths or ()], f"{place}/forbidden_paths")


def _patterns(patterns: Sequence[str], place: str) -> Iterator[Problem]:
    for index, each in enumerate(patterns):
        if fault := fault_of(each):
            yield Problem(f"{place}/{index}", f"{each!r}: {fault}", _REMEDY)
        elif each in patterns[:index]:
            yield Problem(f"{place}/{index}", f"{each!r} is there twice", "Drop one of the two")


def _input(tool_input: Mapping[str, Any], place: str) -> Iterator[Problem]:
    """The paths that the daemon's own tools are given; of any other tool the tool's schema says what a path is."""
    paths = tool_input.get(_INPUT_PATHS)
    for index, each in enumerate(paths if isinstance(paths, list) else ()):
        if isinstance(each, str) and each.rstrip("/") != _HERE:
            path = each.partition(_WITHIN_TEST)[0].removesuffix("/")
            if fault := fault_of(path):
                yield Problem(f"{place}/{_INPUT_PATHS}/{index}", f"{each!r}: {fault}", _REMEDY)
