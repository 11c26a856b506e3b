"""Pins, their faults and their changes, for people and for programs. Values in, lines and JSON values out."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from dome_contracts.schema.control.pin import Pin, PinRole
from dome_spec.contracts.compatibility import Change
from dome_spec.contracts.pins.advice import advice, place_shown
from dome_spec.contracts.pins.drift import MemberChange

_WITNESS_CHARACTERS_MAX: Final = 240


def pin_lines(pin: Pin) -> Iterator[str]:
    """A pin with its members; fixtures are counted."""
    yield f"{pin.bundle} {pin.version}"
    yield f"  source:   {pin.source.kind} {pin.source.location}"
    if pin.source.commit is not None:
        yield f"  commit:   {pin.source.commit}"
    if pin.source.prefix is not None:
        yield f"  prefix:   {pin.source.prefix}"
    for each in pin.members:
        if each.role is not PinRole.FIXTURE:
            yield f"\n  {each.name} ({each.role}, {each.rendering})"
            yield f"    file:     {each.file} {each.digest}"
            if each.upstream_path is not None:
                yield f"    upstream: {each.upstream_path} {each.upstream_digest}"
            judged = Counter(str(other.expected) for other in pin.members if other.of == each.name)
            if judged:
                yield "    fixtures: " + ", ".join(f"{count} {verdict}" for verdict, count in sorted(judged.items()))
    for words in pin.vocabularies or ():
        yield f"\n  {words.name}: " + ", ".join(f"{word} is {ours}" for word, ours in words.to_ours.items())
        yield f"    {words.rationale}"


def change_lines(of: MemberChange) -> Iterator[str]:
    """What became of one member."""
    moved = f" to {of.path}" if of.kind == "moved" else ""
    yield f"{of.kind}  {of.member.name}{moved}: {of.verdict}"
    if of.against == "rendering":
        yield "  compared with our rendering: what the owner had is not to be had"
    for change in of.changes:
        yield f"  {change.verdict} [{change.rule}] {printable(change.what)}"
        if change.place:
            yield f"    at:         {printable(place_shown(change))}"
        if change.witness is not None:
            text = json.dumps(change.witness.document)
            cut = "..." if len(text) > _WITNESS_CHARACTERS_MAX else ""
            yield f"    document:   {text[:_WITNESS_CHARACTERS_MAX]}{cut}"
        yield f"    what to do: {printable(advice(change))}"


def change_document(of: MemberChange) -> dict[str, Any]:
    """The same for programs."""
    return {
        "member": of.member.name,
        "role": str(of.member.role),
        "kind": of.kind,
        "verdict": str(of.verdict),
        "upstream_path": of.member.upstream_path,
        "path": of.path or None,
        "compared_with": of.against,
        "changes": [_change(each) for each in of.changes],
    }


def printable(text: str) -> str:
    """Without characters that a terminal would obey."""
    return "".join(each if each.isprintable() else json.dumps(each)[1:-1] for each in text)


def _change(of: Change) -> dict[str, Any]:
    witness = of.witness
    return {
        "verdict": str(of.verdict),
        "rule": of.rule,
        "direction": str(of.direction),
        "place": of.place,
        "what": of.what,
        "remedy": advice(of),
        "witness": None
        if witness is None
        else {
            "document": witness.document,
            "accepted_by": witness.accepted_by,
            "refused_by": witness.refused_by,
            "place": witness.place,
            "keyword": witness.keyword,
        },
    }
