"""The work in words, for a worker who sees nothing else: goal, criteria, bounds, and how it is judged.

Made of the packet and the repository's facts. What a stranger may have written never gets in: no output, no finding.
"""

from collections.abc import Iterator, Sequence

from dome_contracts.schema.shared.definitions import Target
from dome_spec.planning.compose.judging import Judge
from dome_spec.planning.compose.material import Material


def for_goal(material: Material, judges: Sequence[Judge]) -> str:
    """What there is to do where nothing is known to fail."""
    packet = material.packet
    criteria = [f"- {each.criterion_id}: {each.statement}" for each in packet.criteria]
    return _joined(
        [f"Goal: {packet.goal}"],
        [f"Why: {packet.plan_card.why}", f"What: {packet.plan_card.what}"],
        ["In the end this has to hold:", *criteria],
        _excluded(material),
        list(_bounds(material)),
        list(_judged(judges)),
    )


def for_failure(target: Target, failure_reason_code: str, material: Material, advice: Sequence[str]) -> str:
    """What there is to do about one thing that is known to fail."""
    return _joined(
        [f"`{target.id}` fails ({failure_reason_code}). Find the cause and mend it, so that it holds."],
        ["Do not change what is asked for: a test is not mended by asking less of it."],
        list(advice),
        list(_bounds(material)),
    )


def _bounds(material: Material) -> Iterator[str]:
    bounds = material.packet.constraints
    yield f"You may change: {', '.join(bounds.allowed_paths)}. Nothing else."
    if bounds.forbidden_paths:
        yield f"You may not change: {', '.join(bounds.forbidden_paths)}."
    if bounds.changed_files_max is not None:
        yield f"Touch at most {bounds.changed_files_max} files."
    if bounds.changed_lines_max is not None:
        yield f"Add and remove at most {bounds.changed_lines_max} lines together."
    yield "Commit nothing."


def _judged(judges: Sequence[Judge]) -> Iterator[str]:
    if judges:
        yield "It is judged by:"
    for each in judges:
        yield f"- {each.words}: {each.skill.skill_id} of {each.target.id}"


def _excluded(material: Material) -> list[str]:
    excluded = material.packet.plan_card.excluded or []
    return ["This does not belong to it:", *(f"- {each}" for each in excluded)] if excluded else []


def _joined(*paragraphs: Sequence[str]) -> str:
    return "\n\n".join("\n".join(each) for each in paragraphs if each)
