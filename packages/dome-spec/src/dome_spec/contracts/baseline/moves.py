"""Finds out what of the contracts differs from the baseline, and what its move asks for. Writes nothing."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from dome_spec.contracts.baseline import history, reasons, wire
from dome_spec.contracts.baseline.history import FIRST, MOVED, REMOVED
from dome_spec.contracts.baseline.plan import Move, Plan, Refused
from dome_spec.contracts.check import FamilyChange, Options, check
from dome_spec.contracts.compatibility import Verdict
from dome_spec.contracts.compatibility.values import worst
from dome_spec.contracts.layout import Layout
from dome_spec.contracts.pairing import family_name, is_library
from dome_spec.contracts.policy import Level, Need, Terms, Tier, gravest, is_lowered, need, terms
from dome_spec.contracts.sources import SchemaSet, SourceNotFound, closure, load, load_baseline
from dome_spec.kernel.yaml_text import read_yaml

SCHEMAS: Final = "jsonschema"
REASONS: Final = "reasons"
WIRE: Final = "wire"
REASONS_FILE: Final = "reasons.json"
WIRE_FILE: Final = "dome.binpb"


def plan(layout: Layout, options: Options | None = None) -> Plan:
    """Everything that differs, as if all of it was asked for. Raises SourceError, HistoryUnreadable, NotYaml."""
    options = options or Options()
    if not layout.schemas.is_dir():
        what = f"there are no contracts in {layout.root} ({layout.schemas.relative_to(layout.root)} is missing)"
        raise SourceNotFound(what, "Put schemas there: <context>/v1/<family>.json. Then bless them.")
    olds = baselines(layout)
    new = load(str(layout.schemas), layout.root, progress=options.progress)
    moves, refused = _schemas(layout, new, check(olds, new, options).changes)
    for part in (_reasons(layout), _wire(layout)):
        moves += [each for each in part if isinstance(each, Move)]
        refused += [each for each in part if isinstance(each, Refused)]
    uses = {*_uses(olds[0]), *_uses(new)}
    families = {REASONS, WIRE, *(family_name(each, path) for each in (olds[0], new) for path in each.documents)}
    return Plan(
        moves=tuple(sorted(moves, key=lambda move: move.path)),
        refused=tuple(refused),
        families=tuple(sorted(families)),
        uses=tuple(sorted(uses)),
    )


def baselines(layout: Layout) -> list[SchemaSet]:
    """What is compared with: what was blessed last, and each release without the families broken since on purpose.

    Raises SourceError, HistoryUnreadable.
    """
    present = layout.blessed_schemas().is_dir()
    found = [load_baseline(layout) if present else SchemaSet("baseline", "the baseline, which is empty", {})]
    rows = history.read(layout.blessings.read_bytes()) if layout.blessings.is_file() else []
    for release in layout.releases():
        released = load_baseline(layout, release)
        kept = layout.baseline / release / layout.blessings.name
        before = len(history.read(kept.read_bytes())) if kept.is_file() else 0
        promised = {
            path: document
            for path, document in released.documents.items()
            if not history.is_broken_since(rows, family_name(released, path), before)
        }
        found.append(replace(released, documents=promised, resources={**released.resources, **released.documents}))
    return found


def _uses(schemas: SchemaSet) -> Iterable[tuple[str, str]]:
    """Each family of a set with each file of shared definitions that it needs."""
    for path, document in schemas.documents.items():
        if not is_library(document):
            others = (other for other in closure(schemas, path) if other != path and other in schemas.documents)
            yield from ((family_name(schemas, path), family_name(schemas, other)) for other in others)


def _schemas(layout: Layout, new: SchemaSet, changes: Iterable[FamilyChange]) -> tuple[list[Move], list[Refused]]:
    """Of each family: its move from the last baseline, with the gravest level that any baseline gives it."""
    by_family: dict[str, list[FamilyChange]] = {}
    definitions: dict[str | None, list[FamilyChange]] = {}
    for change in changes:
        if change.definition:
            definitions.setdefault(change.old_path or change.new_path, []).append(change)
        else:
            by_family.setdefault(change.family, []).append(change)
    moves: list[Move] = []
    refused: list[Refused] = []
    for family, found in by_family.items():
        inner = definitions.get(found[0].old_path or found[0].new_path, [])
        for refusal in (change.refusal for change in (*found, *inner) if change.refusal is not None):
            what = f"no verdict is possible: {refusal.what.rstrip('.')} ({refusal.place or 'at the top'})"
            refused.append(Refused(family, what, refusal.remedy))
        # Against the last baseline first: it is the one that moves.
        moves += _moved(layout, new, found[0], [*found, *inner])
    for problem in new.problems:
        refused.append(Refused(problem.path, problem.what, problem.remedy))
    return moves, refused


def _moved(layout: Layout, new: SchemaSet, change: FamilyChange, judged: Sequence[FamilyChange]) -> list[Move]:
    """The moves of one family; `judged` is all that was found about it, its definitions included."""
    tier, level = change.terms.tier, gravest([each.level for each in judged])
    old = f"{SCHEMAS}/{change.old_path}" if change.old_path is not None else ""
    if change.new_path is None:
        if not (layout.baseline / old).is_file():
            return []  # it left the baseline before, and a release still has it
        asks = need(change.terms, level)
        return [Move(family=change.family, path=old, data=None, verdict=REMOVED, tier=tier, need=asks)]
    path, data = f"{SCHEMAS}/{change.new_path}", new.texts[change.new_path]
    found: list[Move] = []
    if old not in ("", path) and (layout.baseline / old).is_file():
        found.append(Move(family=change.family, path=old, data=None, verdict=MOVED, tier=tier))
    is_shared = is_library(new.documents[change.new_path])
    is_same = (layout.baseline / path).is_file() and (layout.baseline / path).read_bytes() == data
    if is_same and (change.kind == "unchanged" or is_shared):
        return found
    # What shared definitions do to a family is told of the family.
    is_quiet = change.kind == "unchanged" or (is_shared and level is Level.GREEN)
    is_lower = is_lowered(change.terms, terms(new.documents[change.new_path]))
    asks = Need.ADR if is_lower else Need.NOTHING if is_quiet else need(change.terms, level)
    moved = Move(
        family=change.family,
        path=path,
        data=data,
        verdict=_verdict(change, judged),
        tier=tier,
        part="shared" if is_shared else "family",
        need=asks,
        is_lower=is_lower,
    )
    return [*found, moved]


def _verdict(change: FamilyChange, judged: Sequence[FamilyChange]) -> str:
    if change.kind == "added":
        return FIRST
    if any(each.kind in ("renamed", "removed") for each in judged):
        return str(Verdict.INCOMPATIBLE)
    return str(worst(each.comparison.verdict for each in judged if each.comparison is not None))


def _reasons(layout: Layout) -> list[Move | Refused]:
    """The catalogue, which only grows."""
    if not layout.reasons.is_file():
        return []
    present = reasons.frozen(layout.reasons.read_bytes())
    data, path = reasons.encoded(present), layout.baseline / REASONS_FILE
    before = path.read_bytes() if path.is_file() else None
    lost = reasons.lost(json.loads(before), present) if before is not None else []
    if lost:
        remedy = "Put it back: a reason is never removed, renamed or given another class. Add one beside it."
        return [Refused(REASONS, each, remedy) for each in lost]
    if before == data:
        return []
    verdict = FIRST if before is None else str(Verdict.COMPATIBLE)
    return [Move(family=REASONS, path=REASONS_FILE, data=data, verdict=verdict, tier=Tier.INTERNAL, part="reasons")]


def _wire(layout: Layout) -> list[Move | Refused]:
    """The descriptors as they were generated: their bytes are what `buf breaking` compares with."""
    if not layout.descriptors.is_file():
        return []
    data, path = layout.descriptors.read_bytes(), layout.baseline / WIRE_FILE
    before = path.read_bytes() if path.is_file() else None
    if before == data:
        return []
    lost = wire.lost(before, data) if before is not None else []
    verdict = FIRST if before is None else str(Verdict.INCOMPATIBLE if lost else Verdict.COMPATIBLE)
    tier = _wire_tier(layout)
    asks = need(Terms(tier), Level.RED if lost else Level.GREEN)
    return [Move(family=WIRE, path=WIRE_FILE, data=data, verdict=verdict, tier=tier, part="wire", need=asks)]


def _wire_tier(layout: Layout) -> Tier:
    """The highest promise that a row of the registry makes for a proto."""
    if not layout.registry.is_file():
        return Tier.EXPERIMENTAL
    rows = read_yaml(layout.registry.read_bytes())["families"]
    promised = {row["tier"] for row in rows if row["form"] == "proto"}
    return next((tier for tier in (Tier.STABLE, Tier.EXPERIMENTAL) if tier in promised), Tier.INTERNAL)
