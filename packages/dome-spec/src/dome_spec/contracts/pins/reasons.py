"""The semantics of reasons in a bundle: which codes there are, what class each has, and what a change of them does.

Reads the two forms in use: `codes` as an object by code, or as a list with the code in each entry.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from dome_spec.contracts.compatibility import Change, Direction, Verdict
from dome_spec.contracts.pins.errors import MemberRefused

CODES: Final = "codes"
_NAMES: Final = ("code", "reason", "name")


@dataclass(frozen=True, slots=True)
class Reasons:
    """A catalogue of another repository."""

    classes: Mapping[str, str]
    """The class of each code; empty where the catalogue has none."""
    rest: Mapping[str, Any]
    """What else it says: precedence of classes, what follows from each."""


def reasons(document: Any, file: str) -> Reasons:
    """The catalogue in a document. Raises MemberRefused."""
    codes = document.get(CODES) if isinstance(document, dict) else None
    match codes:
        case dict():
            rows = list(codes.items())
        case list() if all(isinstance(row, dict) for row in codes):
            rows = [(next((row[name] for name in _NAMES if name in row), None), row) for row in codes]
        case _:
            rows = []
    names = [name for name, row in rows if isinstance(name, str) and isinstance(row, dict)]
    if not names or len(names) != len(rows) or len(set(names)) != len(names):
        what = f"{file} has no catalogue of reasons"
        remedy = "It is an object with `codes`: an object by code, or a list of objects with a `code` each, none twice."
        raise MemberRefused(what, remedy)
    classes = {str(name): str(row.get("class", "")) for name, row in rows}
    return Reasons(classes, {key: value for key, value in document.items() if key != CODES})


_REMOVED: Final = "Take its row out of `pinned_reasons` in contracts/reasons.yaml; our own reason stays."
_RECLASSIFIED: Final = "Look at whatever decides by the class: what ends a run, and what is tried again."
_ADDED: Final = "Say in `pinned_reasons` of contracts/reasons.yaml which of our reasons it is: a failure or a refusal."
_REST: Final = "Look at whatever decides by it."


def changes(old: Reasons, new: Reasons) -> Iterator[Change]:
    """What became of each code, and of what else the old catalogue says."""
    for code in sorted(old.classes.keys() - new.classes.keys()):
        removed = _change("reason.removed", f"/{CODES}/{code}", what=f"The reason {code} is gone.", remedy=_REMOVED)
        yield replace(removed, verdict=Verdict.INCOMPATIBLE)
    for code in sorted(old.classes.keys() & new.classes.keys()):
        before, after = old.classes[code], new.classes[code]
        if before != after:
            what = f"The class of {code} is {after or 'none'}, and was {before or 'none'}."
            yield _change("reason.reclassified", f"/{CODES}/{code}", what=what, remedy=_RECLASSIFIED)
    for code in sorted(new.classes.keys() - old.classes.keys()):
        added = _change("reason.added", f"/{CODES}/{code}", what=f"The reason {code} is added.", remedy=_ADDED)
        yield replace(added, verdict=Verdict.COMPATIBLE)
    for key in sorted(old.rest):
        if new.rest.get(key) != old.rest[key]:
            yield _change("reason.semantics", f"/{key}", what=f"`{key}` is not what it was.", remedy=_REST)


def _change(rule: str, place: str, *, what: str, remedy: str) -> Change:
    return Change(
        verdict=Verdict.MEANING_CHANGED,
        rule=rule,
        direction=Direction.BACKWARD,
        place=place,
        what=what,
        remedy=remedy,
    )
