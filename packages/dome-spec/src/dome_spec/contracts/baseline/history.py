"""The history of the baseline: what was blessed, in order. Values and their text; no files."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dome_spec.kernel.yaml_text import NotYaml, read_yaml, write_yaml

FIRST: Final = "FIRST"
"""Verdict on a family that had no baseline."""
REMOVED: Final = "REMOVED"
"""Verdict on a family that leaves the baseline."""
MOVED: Final = "MOVED"
"""Verdict on a file whose family has another file from here on."""
_HEAD: Final = (
    "# What was blessed, in order. Written by `dome contracts bless`; rows are added, never edited.\nblessings:\n"
)
_FIELDS: Final = ("family", "path", "digest", "verdict", "tier", "note", "adr")


@dataclass(frozen=True, slots=True)
class Blessing:
    """One move of one file of the baseline."""

    family: str
    path: str
    """Below `contracts/baseline/`."""
    digest: str
    """Of the bytes of the file; empty where it left."""
    verdict: str
    tier: str = ""
    note: str = ""
    adr: str = ""


class HistoryUnreadable(Exception):
    """The history is not as it is written. The message says where."""


def read(data: bytes) -> list[Blessing]:
    """The rows. Raises HistoryUnreadable."""
    try:
        document = read_yaml(data)
    except NotYaml as error:
        raise HistoryUnreadable(str(error)) from error
    rows = document.get("blessings") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        raise HistoryUnreadable("there is no list `blessings`")
    return [_row(number, row) for number, row in enumerate(rows, start=1)]


def appended(text: str, rows: Iterable[Blessing]) -> str:
    """The text with further rows at its end; equal rows give equal text."""
    written = "".join(_text(row) for row in rows)
    return (text if text.endswith("\n") else f"{text}\n" if text else _HEAD) + written


def last_of(rows: Sequence[Blessing]) -> dict[str, Blessing]:
    """The last row of each path."""
    return {row.path: row for row in rows}


def is_broken_since(rows: Sequence[Blessing], family: str, rows_before: int) -> bool:
    """Whether a blessing after the first `rows_before` left the earlier readers of a family behind."""
    return any(row.family == family and row.verdict in ("INCOMPATIBLE", REMOVED) for row in rows[rows_before:])


def _row(number: int, row: Any) -> Blessing:
    if not isinstance(row, dict) or not all(isinstance(row.get(name, ""), str) for name in _FIELDS):
        raise HistoryUnreadable(f"row {number} is no mapping of texts")
    if surplus := row.keys() - set(_FIELDS):
        raise HistoryUnreadable(f"row {number} has {', '.join(sorted(map(str, surplus)))}, which rows do not have")
    if missing := {"family", "path", "digest", "verdict"} - row.keys():
        raise HistoryUnreadable(f"row {number} has no {', '.join(sorted(missing))}")
    return Blessing(**row)


def _text(row: Blessing) -> str:
    fields = {name: getattr(row, name) for name in _FIELDS}
    kept = {name: value for name, value in fields.items() if value or name in ("family", "path", "digest", "verdict")}
    lines = write_yaml([kept]).splitlines()
    return "".join(f"  {line}\n" for line in lines)
