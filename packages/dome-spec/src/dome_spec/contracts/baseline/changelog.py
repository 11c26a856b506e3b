"""Where a note stands in the changelog. Text in, text out."""

import re
import textwrap
from collections.abc import Sequence
from typing import Final

_UNRELEASED: Final = "## [Unreleased]"
_CHANGED: Final = "### Changed"
_WIDTH: Final = 120
_FAMILIES_NAMED_MAX: Final = 4


def with_note(text: str, families: Sequence[str], note: str) -> str:
    """The changelog with the note under *Unreleased*, *Changed*. Unchanged where it stands there."""
    if holds(text, note):
        return text
    count = len(families)
    named = ", ".join(f"`{each}`" for each in families) if count <= _FAMILIES_NAMED_MAX else f"{count} families"
    entry = textwrap.fill(
        f"- Contracts, baseline moved for {named}: {note}",
        width=_WIDTH,
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    lines = text.splitlines() or ["# Changelog"]
    start = _heading(lines)
    end = next((at for at in range(start + 1, len(lines)) if lines[at].startswith("## ")), len(lines))
    section = next((at for at in range(start, end) if lines[at].strip() == _CHANGED), None)
    if section is None:
        at = _last_filled(lines, start, end) + 1
        lines[at:at] = ["", _CHANGED, "", *entry.splitlines()]
    else:
        below = next((at for at in range(section + 1, end) if lines[at].startswith("###")), end)
        at = _last_filled(lines, section, below) + 1
        is_first = at == section + 1
        lines[at:at] = [*([""] if is_first else []), *entry.splitlines()]
    return "\n".join(lines) + "\n"


def holds(text: str, note: str) -> bool:
    """Whether the note stands there, however its lines are broken."""
    return _flat(note) in _flat(text)


def _heading(lines: list[str]) -> int:
    """The line of the heading, which is added where there is none."""
    for at, line in enumerate(lines):
        if line.lower().startswith(("## [unreleased]", "## unreleased")):
            return at
    at = next((at for at, line in enumerate(lines) if line.startswith("## ")), len(lines))
    before = [""] if at and lines[at - 1].strip() else []
    after = [""] if at < len(lines) else []
    lines[at:at] = [*before, _UNRELEASED, *after]
    return at + len(before)


def _last_filled(lines: list[str], start: int, end: int) -> int:
    return max(at for at in range(start, end) if lines[at].strip())


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
