"""Blesses: makes the contracts as they stand the baseline that later changes are compared with.

A decision, never a repair: readers of the earlier baseline may be left behind. All of it or nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from dome_spec.contracts.baseline import changelog, history, store
from dome_spec.contracts.baseline.moves import plan
from dome_spec.contracts.baseline.plan import Plan, Refused, selected
from dome_spec.contracts.check import Options
from dome_spec.contracts.layout import Layout
from dome_spec.contracts.policy import Need

NOTE_CHARACTERS_MAX: Final = 500
"""Longest note: it is a line of the changelog."""
_NOTE_REMEDY: Final = "Say what moves for its users with `--note TEXT`: it becomes a line of the changelog."
_ADR_REMEDY: Final = (
    "Write the decision, docs/adr/NNNN-title.md (who is left behind, and why), and name it: `--adr NNNN`."
)


class NoSuchFamily(Exception):
    """Neither the contracts nor the baseline have a family of this name."""

    def __init__(self, family: str, known: Sequence[str]) -> None:
        super().__init__(f"there is no family {family!r}")
        self.family = family
        self.known = tuple(known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be blessed, and the words for it. No families: all."""

    families: tuple[str, ...] = ()
    note: str = ""
    adr: str = ""


def prepare(layout: Layout, asked: Asked, options: Options | None = None) -> Plan:
    """What would move, and every reason why it may not. Writes nothing.

    Raises NoSuchFamily, SourceError, HistoryUnreadable, NotYaml.
    """
    whole = plan(layout, options)
    for family in asked.families:
        if family not in whole.families:
            raise NoSuchFamily(family, whole.families)
    chosen = selected(whole, asked.families) if asked.families else whole
    return replace(chosen, refused=(*chosen.refused, *_demands(layout, chosen, asked)))


def bless(layout: Layout, prepared: Plan, asked: Asked) -> None:
    """Write what was prepared. Nothing where something was refused; the same contracts give the same bytes."""
    if prepared.refused:
        raise ValueError("a plan with refusals is not carried out")
    if not prepared.moves:
        return
    note = _one_line(asked.note)
    before = layout.blessings.read_text(encoding="utf-8") if layout.blessings.is_file() else ""
    rows = [move.row(note, asked.adr) for move in prepared.moves]
    files = {move.path: move.data for move in prepared.moves}
    files[layout.blessings.name] = history.appended(before, rows).encode()
    store.write(layout, files, changelog=_changelog(layout, prepared, note))


def decision_exists(layout: Layout, number: str) -> bool:
    """Whether a page of the decisions has this number."""
    return len(number) == 4 and number.isdecimal() and any(layout.decisions.glob(f"{number}-*.md"))


def _demands(layout: Layout, chosen: Plan, asked: Asked) -> list[Refused]:
    """What tiers ask for and was not given, or was given and is not there."""
    if asked.adr and not decision_exists(layout, asked.adr):
        return [Refused(f"--adr {asked.adr}", f"there is no docs/adr/{asked.adr}-*.md", _ADR_REMEDY)]
    if len(asked.note) > NOTE_CHARACTERS_MAX:
        what = f"it has {len(asked.note)} characters, at most {NOTE_CHARACTERS_MAX} are a note"
        return [Refused("--note", what, "Say it in a sentence; what needs more is an ADR.")]
    found: list[Refused] = []
    for move in chosen.moves:
        if move.need is Need.ADR and not asked.adr:
            why = "its tier is lowered" if move.is_lower else f"the change is {move.verdict}"
            found.append(Refused(move.family, f"it is {move.tier}, and {why}", _ADR_REMEDY))
        elif move.need is Need.NOTE and not (asked.note.strip() or asked.adr):
            what = f"it is {move.tier or 'without a tier'}, and its users are to be told ({move.verdict})"
            found.append(Refused(move.family, what, _NOTE_REMEDY))
    return found


def _changelog(layout: Layout, prepared: Plan, note: str) -> str | None:
    """The changelog with the note; None where nobody is told anything."""
    told = [move.family for move in prepared.moves if move.need is not Need.NOTHING]
    if not note or not told:
        return None
    before = layout.changelog.read_text(encoding="utf-8") if layout.changelog.is_file() else ""
    return changelog.with_note(before, told, note)


def _one_line(text: str) -> str:
    return " ".join(text.split())
