"""Compares two schemas in a direction: what breaks whom, what means something else, and what to do about it.

The decision itself is in `decide`, the names of changes are in `rules`.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from dome_spec.contracts.compatibility import rules
from dome_spec.contracts.compatibility.acceptance import Acceptance, Refusal
from dome_spec.contracts.compatibility.blame import Blame
from dome_spec.contracts.compatibility.decide import NotCovered, Pair, Undecided, same
from dome_spec.contracts.compatibility.meaning import meaning_changes
from dome_spec.contracts.compatibility.schema import Schema
from dome_spec.contracts.compatibility.values import Change, Comparison, Direction, Side, Verdict, Witness, worst

_TEXT_CHARS_MAX: Final = 200
_OLD_READERS: Final = (
    "Bring readers to the new schema before writers send such a document, keep to what the old schema accepts, "
    "or make it a new major version."
)


def compare(old: Schema, new: Schema, *, direction: Direction) -> Comparison:
    """What the step from `old` to `new` does to those who read in this direction."""
    if same(old, new):
        return Comparison(verdict=Verdict.COMPATIBLE, direction=direction)
    changes: list[Change] = []
    pair = Pair(old, new)
    if direction is not Direction.FORWARD:
        changes += _changes(pair.breaks(wider="second"), Direction.BACKWARD, refusing=new, accepting=old)
    if direction is not Direction.BACKWARD:
        changes += _changes(pair.breaks(wider="first"), Direction.FORWARD, refusing=old, accepting=new)
    changes += meaning_changes(old, new, direction, both=pair.both)
    return _comparison(direction, changes)


def compare_all(olds: Sequence[Schema], new: Schema, *, direction: Direction) -> Comparison:
    """The same against every earlier schema, each directly: a break that was made in two steps is a break."""
    changes: list[Change] = []
    seen: list[Schema] = []
    for old in olds:
        if any(same(old, earlier) for earlier in seen):
            continue
        seen.append(old)
        changes += compare(old, new, direction=direction).changes
    return _comparison(direction, changes)


def _comparison(direction: Direction, changes: Iterable[Change]) -> Comparison:
    """Each change once, the gravest first."""
    each: dict[tuple[str, str, str], Change] = {}
    for change in changes:
        each.setdefault((change.rule, change.direction, change.place), change)
    order = list(reversed(Verdict))
    kept = sorted(each.values(), key=lambda change: order.index(change.verdict))
    return Comparison(verdict=worst(change.verdict for change in kept), direction=direction, changes=tuple(kept))


def _changes(
    breaks: Iterable[NotCovered | Undecided], direction: Direction, *, refusing: Schema, accepting: Schema
) -> list[Change]:
    found: dict[tuple[str, str], Change] = {}
    for each in breaks:
        if isinstance(each, Undecided):
            change = _undecided(each, direction)
        else:
            change = _broken(each.document, direction, refusing=refusing, accepting=accepting)
        found.setdefault((change.rule, change.place), change)
    return list(found.values())


def _undecided(undecided: Undecided, direction: Direction) -> Change:
    rule = rules.UNDECIDED
    return Change(
        verdict=Verdict.UNDECIDED,
        rule=rule.id,
        direction=direction,
        place="",
        what=f"{rule.what} What stands in the way: {undecided.why}.",
        remedy=rule.remedy,
    )


def _broken(document: Any, direction: Direction, *, refusing: Schema, accepting: Schema) -> Change:
    refusal = Acceptance(refusing).refusal(document)
    assert refusal is not None, "a confirmed witness is refused"
    backward = direction is Direction.BACKWARD
    refused_by: Side = "new" if backward else "old"
    accepted_by: Side = "old" if backward else "new"
    blame = Blame(refusing=refusing, accepting=accepting)
    refusal = blame.innermost(refusal)
    blamed = blame.blamed(refusal)
    rule = rules.tightened(blamed.keyword) if backward else _loosened(blamed.keyword)
    witness = Witness(
        document=document,
        accepted_by=accepted_by,
        refused_by=refused_by,
        place=refusal.place,
        keyword=refusal.keyword,
        schema_place=refusing.source_place(refusal.schema_place),
        message=refusal.message,
    )
    return Change(
        verdict=Verdict.INCOMPATIBLE,
        rule=rule.id,
        direction=direction,
        place=blamed.place,
        what=_sentence(
            rules.tightened(blamed.keyword), document, refusal, accepted_by=accepted_by, refused_by=refused_by
        ),
        remedy=rule.remedy if backward else _OLD_READERS,
        witness=witness,
    )


def _loosened(keyword: str) -> rules.Rule:
    return next((rule for rule in rules.RULES if rule.id == f"{keyword}.loosened"), rules.ACCEPTS_LESS)


def _sentence(rule: rules.Rule, document: Any, refusal: Refusal, *, accepted_by: Side, refused_by: Side) -> str:
    shown = _short(json.dumps(document, ensure_ascii=False))
    part = f"at {refusal.place}" if refusal.place else "as a whole"
    return (
        f"{rule.what} The {accepted_by} schema accepts {shown}; "
        f"the {refused_by} one refuses it {part}: {_short(refusal.message)}."
    )


def _short(text: str) -> str:
    return text if len(text) <= _TEXT_CHARS_MAX else f"{text[: _TEXT_CHARS_MAX - 3]}..."
