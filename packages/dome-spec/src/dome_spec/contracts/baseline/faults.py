"""What a baseline may not be: edited by hand, broken without a decision, moved without a word. For a gate."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dome_contracts.canonical import digest_bytes
from dome_spec.contracts.baseline import changelog, history
from dome_spec.contracts.baseline.blessing import decision_exists
from dome_spec.contracts.baseline.fault import BaselineFault
from dome_spec.contracts.baseline.history import FIRST, MOVED, Blessing, HistoryUnreadable
from dome_spec.contracts.baseline.record import record_faults
from dome_spec.contracts.layout import Layout
from dome_spec.contracts.policy import Tier

_BY_HAND: Final = "Put it back (`git checkout -- contracts/baseline`), and move it with `dome contracts bless`."
_HARMLESS: Final = ("COMPATIBLE", FIRST, MOVED)


def baseline_faults(root: Path) -> list[BaselineFault]:
    """Every fault of the baseline of a repository, ordered by place. One that never had a baseline has none.

    Raises RepositoryUnreadable.
    """
    layout = Layout(root)
    if not layout.baseline.is_dir():
        return record_faults(layout, [])
    place = layout.blessings.relative_to(root).as_posix()
    if not layout.blessings.is_file():
        return [BaselineFault(place, "the baseline has no history", "Run `dome contracts bless --all --note TEXT`.")]
    try:
        rows = history.read(layout.blessings.read_bytes())
    except HistoryUnreadable as error:
        return [BaselineFault(place, f"the history is unreadable: {error}", _BY_HAND)]
    found = [*_files(layout, rows), *_rows(layout, rows, place), *record_faults(layout, rows)]
    return sorted(found, key=lambda fault: (fault.place, fault.what))


def _files(layout: Layout, rows: list[Blessing]) -> Iterator[BaselineFault]:
    """Files that are not what was blessed."""
    last = history.last_of(rows)
    releases = set(layout.releases())
    for path in sorted(each for each in layout.baseline.rglob("*") if each.is_file() and each != layout.blessings):
        name = path.relative_to(layout.baseline).as_posix()
        if name.split("/")[0] in releases:
            continue  # a release keeps a history of its own, and is checked when it is made
        place = path.relative_to(layout.root).as_posix()
        if name not in last or not last[name].digest:
            yield BaselineFault(place, "it was never blessed", _BY_HAND)
        elif digest_bytes(path.read_bytes()) != last[name].digest:
            yield BaselineFault(place, "it is not what was blessed: it was edited by hand", _BY_HAND)
    for name, row in last.items():
        if row.digest and not (layout.baseline / name).is_file():
            place = (layout.baseline / name).relative_to(layout.root).as_posix()
            yield BaselineFault(place, "it was blessed, and is gone", _BY_HAND)


def _rows(layout: Layout, rows: list[Blessing], place: str) -> Iterator[BaselineFault]:
    """Blessings that lack what their tier asks for."""
    text = layout.changelog.read_text(encoding="utf-8") if layout.changelog.is_file() else ""
    for row in rows:
        if row.tier == Tier.STABLE and row.verdict not in _HARMLESS and not row.adr:
            remedy = "Write the ADR, take the blessing back, and bless with `--adr NNNN`."
            yield BaselineFault(place, f"{row.family} is stable and was broken ({row.verdict}) without an ADR", remedy)
        if row.adr and not decision_exists(layout, row.adr):
            yield BaselineFault(place, f"{row.family} names ADR {row.adr}, which is not there", "Put the page back.")
        if row.note and not changelog.holds(text, row.note):
            remedy = f"Put the note back into {layout.changelog.name}: {row.note!r}."
            yield BaselineFault(place, f"the note on {row.family} is not in the changelog", remedy)
