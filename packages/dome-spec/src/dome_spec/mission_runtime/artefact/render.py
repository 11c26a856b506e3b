"""Renderings of one artefact: JSON for programs, text for people and models. Both say the same digest."""

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any, Final, assert_never

from dome_contracts.canonical import canonical_bytes
from dome_contracts.schema.mission_runtime.communication_artefact import (
    CommandBlock,
    CommunicationArtefact,
    FeedbackBlock,
    FileBlock,
    GuidanceBlock,
    TextBlock,
)

_DIGEST: Final = re.compile(r"^Artefact: (sha256:[0-9a-f]{64}), stream version ([0-9]+)$", re.MULTILINE)


def to_json(artefact: CommunicationArtefact) -> bytes:
    """Canonical JSON."""
    return canonical_bytes(artefact.to_value())


def to_text(artefact: CommunicationArtefact) -> str:
    """Markdown. Its last line names the digest and the version, which a claim has to show."""
    return "\n".join(_lines(artefact)) + "\n"


def witness_in(text: str) -> tuple[str, int] | None:
    """The digest and the stream version that a text names, None where it names none."""
    found = _DIGEST.findall(text)
    return (found[-1][0], int(found[-1][1])) if found else None


def _lines(artefact: CommunicationArtefact) -> Iterator[str]:
    execution, effector = artefact.execution, artefact.effector
    package = execution.package
    subject = f"{execution.mission_slug}" if package is None else f"{execution.mission_slug} {package.work_package_id}"
    yield f"# {execution.action.value}: {subject}"
    yield ""
    role = f" as {effector.role}" if effector.role else ""
    profile = f", profile {effector.profile_ref}" if effector.profile_ref else ""
    yield f"For {effector.kind.value} {effector.id}{role}{profile}. Accountable: {artefact.accountable.id}."
    workspace = execution.workspace
    yield f"Where: {workspace.root}, branch {workspace.branch}. Commits move {execution.destination_ref}."
    if package is not None:
        yield f"Stands in {package.lane.value}."
    for block in artefact.content:
        yield ""
        match block:
            case TextBlock():
                yield from (f"## {block.title}", "", block.text)
            case GuidanceBlock():
                source = f"{block.source.kind.value.replace('_', ' ')} {block.source.id} {block.version}"
                yield from (f"## Guidance: {source}", "", block.text)
            case FeedbackBlock():
                yield "## Findings of the last review"
                yield ""
                for each in block.findings:
                    place = "" if each.path is None else f" ({each.path}{f':{each.line}' if each.line else ''})"
                    remedy = "" if each.remedy is None else f" Remedy: {each.remedy}"
                    yield f"- [{each.weight.value}] {each.text}{place}{remedy}"
            case FileBlock():
                yield from (f"## {block.title}", "", f"`{block.file.path}` ({block.file.digest})")
            case CommandBlock():
                witness = f"{artefact.digest}@{artefact.stream_version}"
                command = shlex.join(witness if word == "DIGEST" else word for word in block.argv)
                yield from (f"## {block.title}", "", f"    {command}")
            case _:
                assert_never(block)
    yield from _rest(artefact)
    yield ""
    yield f"Artefact: {artefact.digest}, stream version {artefact.stream_version}"


def _rest(artefact: CommunicationArtefact) -> Iterator[str]:
    intent = artefact.intent
    if intent.requirements:
        yield from ("", "## Requirements", "")
        yield from (f"- {each.id} ({each.priority.value}): {each.text}" for each in intent.requirements)
    if intent.subtasks:
        yield from ("", "## Subtasks", "")
        yield from (f"- {each.subtask.id} [{each.status.value}] {each.subtask.title}" for each in intent.subtasks)
    if intent.owned_files:
        yield from ("", "## Files that may be changed", "")
        yield from (f"- `{each}`" for each in intent.owned_files)
    if artefact.policies is not None:
        yield from ("", "## What the charter asks of all work", "", *_policies(artefact.policies.to_value()))
    if artefact.tools is not None:
        yield from ("", "## Tools that may be used", "")
        yield from (f"- {each.skill_id} {each.version_range}" for each in artefact.tools or ())
        yield from (() if artefact.tools else ("- none",))
    if artefact.approvals is not None:
        yield from ("", "## Approved so far by", "")
        yield from (f"- {each.kind.value} {each.id}" for each in artefact.approvals)
    if artefact.priors is not None:
        yield from ("", "## What was learnt before", "")
        yield from (f"- {each.standing.value}: {each.text}" for each in artefact.priors.items)
    if artefact.deferred:
        yield from ("", "## To be looked up when it is needed", "")
        yield from (f"- {each.kind.value.replace('_', ' ')} {each.id}" for each in artefact.deferred)


def _policies(value: Mapping[str, Any]) -> Iterator[str]:
    """A line for each thing that is asked, by its place in the charter."""
    for policy, asked in sorted(value.items()):
        for name, each in sorted(asked.items()):
            said = ", ".join(map(str, each)) if isinstance(each, list) else each
            yield f"- policies.{policy}.{name}: {said}"
