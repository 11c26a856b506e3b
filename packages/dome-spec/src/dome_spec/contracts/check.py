"""Checks the schemas of one place against those of others: which families changed, and what that does.

Reads no files and shows nothing: sets of schemas in, a report out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from dome_spec.contracts.compatibility import Comparison, Direction, SchemaRefused
from dome_spec.contracts.compatibility.values import worst
from dome_spec.contracts.judge import EngineJudge, Judge
from dome_spec.contracts.pairing import Pair, contents, is_library, pairs, renamed, subject
from dome_spec.contracts.policy import Level, Terms, direction, gravest, is_asked, level, level_of_lost_name, terms
from dome_spec.contracts.sources import Progress, SchemaSet, resources, silent

Kind = Literal["added", "removed", "renamed", "changed", "shared", "unchanged"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One of the two is no schema that can be compared."""

    side: Literal["old", "new"]
    reason: str
    place: str
    what: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyChange:
    """What became of one family."""

    family: str
    kind: Kind
    level: Level
    terms: Terms
    """What was promised: the terms of the old schema, of an added one its own."""
    against: SchemaSet
    old_path: str | None
    new_path: str | None
    definition: str = ""
    comparison: Comparison | None = None
    refusal: Refusal | None = None
    renamed: tuple[str, str] | None = None
    """The two `$id`s, where they differ."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found, ordered by family."""

    olds: tuple[SchemaSet, ...]
    new: SchemaSet
    changes: tuple[FamilyChange, ...]

    @property
    def level(self) -> Level:
        """The gravest of all; INVALID also where a file of the new side is to be a schema and cannot be read."""
        unread = [Level.INVALID for each in self.new.problems if each.is_likely_schema]
        return gravest([*(each.level for each in self.changes), *unread])


@dataclass(frozen=True, slots=True)
class Options:
    """How a check is made."""

    direction: Direction | None = None
    """Instead of the one that tier and intent ask for."""
    judge: Judge = field(default_factory=EngineJudge)
    progress: Progress = silent


def check(olds: Sequence[SchemaSet], new: SchemaSet, options: Options | None = None) -> Report:
    """Compare each family with every earlier form of it. A form that occurs twice is compared once."""
    options = options or Options()
    changes: list[FamilyChange] = []
    for index, old in enumerate(olds):
        seen = {
            (each.family, contents(each.against, each.old_path, each.definition))
            for each in changes
            if each.old_path is not None
        }
        for pair in pairs(old, new):
            is_repeated = pair.old_path is None or (pair.family, contents(old, pair.old_path, pair.definition)) in seen
            if index == 0 or not is_repeated:
                changes.append(compare_pair(old, new, pair, options))
    return Report(tuple(olds), new, tuple(sorted(changes, key=lambda each: each.family)))


def compare_pair(old: SchemaSet, new: SchemaSet, pair: Pair, options: Options) -> FamilyChange:
    """What became of one family between two sets."""
    options.progress(f"comparing {pair.family}")
    if pair.old_path is None:
        return _added(old, new, pair, options)
    promised = terms(old.documents[pair.old_path])
    if pair.new_path is None:
        return _change(old, pair, promised, kind="removed", level=level_of_lost_name(promised))
    if promised == Terms():
        promised = terms(new.documents[pair.new_path])
    names = renamed(old, new, pair)
    lost = level_of_lost_name(promised) if names else Level.GREEN
    if contents(old, pair.old_path, pair.definition) == contents(new, pair.new_path, pair.definition):
        return _change(old, pair, promised, kind="unchanged", level=Level.GREEN)
    if is_library(new.documents[pair.new_path]) and not pair.definition:
        return _change(old, pair, promised, kind="renamed" if names else "shared", level=lost, renamed=names)
    before = _parsed(old, pair.old_path, pair.definition, options.judge)
    after = _parsed(new, pair.new_path, pair.definition, options.judge)
    for side, answer in (("old", before), ("new", after)):
        if isinstance(answer, SchemaRefused):
            refusal = Refusal(
                "old" if side == "old" else "new", answer.reason, answer.place, answer.what, answer.remedy
            )
            return _change(old, pair, promised, kind="changed", level=Level.INVALID, refusal=refusal)
    found = options.judge.compare(before, after, options.direction or direction(promised))
    if options.direction is None:
        found = _for_readers(found, promised)
    return _change(
        old,
        pair,
        promised,
        kind="renamed" if names else "changed",
        level=gravest([level(promised, found.verdict), lost]),
        comparison=found,
        renamed=names,
    )


def _for_readers(found: Comparison, promised: Terms) -> Comparison:
    """Without what concerns only readers that the family promises nothing."""
    kept = tuple(each for each in found.changes if is_asked(promised, each.direction))
    if len(kept) == len(found.changes):
        return found
    return replace(found, verdict=worst(each.verdict for each in kept), changes=kept)


def _added(old: SchemaSet, new: SchemaSet, pair: Pair, options: Options) -> FamilyChange:
    assert pair.new_path is not None
    promised = terms(new.documents[pair.new_path])
    parsed = _parsed(new, pair.new_path, pair.definition, options.judge)
    if isinstance(parsed, SchemaRefused):
        refusal = Refusal("new", parsed.reason, parsed.place, parsed.what, parsed.remedy)
        return _change(old, pair, promised, kind="added", level=Level.INVALID, refusal=refusal)
    return _change(old, pair, promised, kind="added", level=Level.GREEN)


def _parsed(schemas: SchemaSet, path: str, definition: str, judge: Judge) -> Any:
    """The parsed schema, or why it is refused."""
    try:
        return judge.parse(subject(schemas.documents[path], definition), resources(schemas, path))
    except SchemaRefused as refused:
        return refused


def _change(old: SchemaSet, pair: Pair, promised: Terms, **rest: Any) -> FamilyChange:
    return FamilyChange(
        family=pair.family,
        terms=promised,
        against=old,
        old_path=pair.old_path,
        new_path=pair.new_path,
        definition=pair.definition,
        **rest,
    )
