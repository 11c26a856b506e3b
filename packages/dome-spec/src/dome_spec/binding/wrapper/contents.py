"""What a valid document says beyond its schema: reasons, times, evidence and lineage, each with its place.

Finds them by their names, at any depth: a name means the same in every family. Judges what it finds; looks nothing up.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import Enum, auto
from functools import lru_cache
from typing import Any, Final

from dome_contracts.failure_reasons import FAILURE_REASONS
from dome_contracts.ids import BODY_LENGTH
from dome_contracts.policy_reasons import POLICY_REASONS
from dome_spec.kernel import Violation, timestamp
from dome_spec.kernel.json_pointer import pointer

CLOCK_TOLERANCE: Final = timedelta(minutes=5)
"""How far ahead of this machine's clock another one's may be."""
_TIME_ENDINGS: Final = ("_time", "_ts")
_TO_COME: Final = frozenset({"expire_time", "deadline_time"})
"""Times that may lie ahead."""
_SECONDS: Final = len("2024-05-17T09:30:15")
_NAMES_MAX: Final = 4096
"""How many names are remembered."""
_EVIDENCE: Final = frozenset({"digest", "location"})

Place = tuple[Any, ...]
"""A place as the one above it and a name: most are never asked for, so that none is spelt out before."""
_ROOT: Final[Place] = ()


class _Meaning(Enum):
    """What a member says, by its name."""

    FAILURE = auto()
    POLICY = auto()
    TIME = auto()
    LINEAGE = auto()
    NOTHING = auto()


_NAMED: Final = {
    "failure_reason_code": _Meaning.FAILURE,
    "failure_reason_codes": _Meaning.FAILURE,
    "policy_reason_code": _Meaning.POLICY,
    "policy_reason_codes": _Meaning.POLICY,
    "lineage": _Meaning.LINEAGE,
}


class Contents:
    """What was found in one document, in the order of the document."""

    __slots__ = ("evidence", "lineages", "reasons", "times")

    def __init__(self, document: Any) -> None:
        self.reasons: list[tuple[Place, _Meaning, Any]] = []
        """Place, meaning and value of each reason."""
        self.times: list[tuple[Place, str]] = []
        self.evidence: list[tuple[Place, Mapping[str, Any]]] = []
        self.lineages: list[tuple[Place, Mapping[str, Any], Mapping[str, Any]]] = []
        """Place, lineage, and the object that it stands in."""
        self._walk(document, _ROOT)

    def _walk(self, value: dict[str, Any], at: Place) -> None:
        """A valid document is no deeper than its schema."""
        if value.keys() >= _EVIDENCE:
            self.evidence.append((at, value))
            return
        for name, inner in value.items():
            kind = type(inner)
            meaning = _meaning(name)
            if kind is str:
                if meaning is _Meaning.TIME:
                    self.times.append(((at, name), inner))
                elif meaning is not _Meaning.NOTHING:
                    self.reasons.append(((at, name), meaning, inner))
            elif kind is dict:
                if meaning is _Meaning.LINEAGE:
                    self.lineages.append(((at, name), inner, value))
                self._walk(inner, (at, name))
            elif kind is list:
                self._items(inner, meaning, (at, name))

    def _items(self, items: list[Any], meaning: _Meaning, at: Place) -> None:
        for index, inner in enumerate(items):
            if type(inner) is dict:
                self._walk(inner, (at, index))
            elif meaning is _Meaning.FAILURE or meaning is _Meaning.POLICY:
                self.reasons.append(((at, index), meaning, inner))


@lru_cache(maxsize=_NAMES_MAX)
def _meaning(name: str) -> _Meaning:
    return _NAMED.get(name, _Meaning.TIME if name.endswith(_TIME_ENDINGS) else _Meaning.NOTHING)


def spelt(place: Place) -> str:
    """The place as a JSON pointer."""
    names: list[str | int] = []
    while place:
        place, name = place
        names.append(name)
    return pointer(reversed(names))


def unknown_reasons(contents: Contents) -> Iterator[Violation]:
    """Codes that the catalogue of their kind does not have."""
    for place, meaning, code in contents.reasons:
        kind, known = ("failure", FAILURE_REASONS) if meaning is _Meaning.FAILURE else ("policy", POLICY_REASONS)
        if code not in known:
            yield Violation(spelt(place), f"{code} is no {kind} reason of the catalogue (`docs/reference/reasons.md`)")


def impossible_times(contents: Contents) -> Iterator[Violation]:
    """Times that have the form of one, and that no calendar or clock has."""
    for place, text in contents.times:
        try:
            datetime.fromisoformat(text)
        except ValueError as error:
            yield Violation(spelt(place), f"{text} is no moment: {error}")


def future_times(contents: Contents, now: datetime) -> Iterator[Violation]:
    """Times that nobody can have observed yet, by a clock that is about right."""
    latest = timestamp((now + CLOCK_TOLERANCE).replace(microsecond=0))
    for place, text in contents.times:
        if text[:_SECONDS] > latest[:_SECONDS] and place[-1] not in _TO_COME:
            minutes = int(CLOCK_TOLERANCE.total_seconds() // 60)
            said = f"{text} lies in the future: it is {timestamp(now.replace(microsecond=0))}"
            yield Violation(spelt(place), f"{said}, and clocks may differ by {minutes} minutes")


def broken_lineages(contents: Contents) -> Iterator[Violation]:
    """Lineages that contradict themselves, or the object that they stand in."""
    for place, lineage, around in contents.lineages:
        run_id = around.get("run_id", lineage["run_id"])
        if lineage["run_id"] != run_id:
            what = f"{lineage['run_id']} is not the run of the document, {run_id}"
            yield Violation(spelt((place, "run_id")), what)
        yield from _event(place, lineage)


def _event(place: Place, lineage: Mapping[str, Any]) -> Iterator[Violation]:
    """The id of a job's event says job and sequence; both have to be those of the lineage."""
    _, body, *rest = lineage["event_id"].split("-")
    job_id, sequence = lineage.get("job_id"), lineage["sequence"]
    if rest and rest[0] != str(sequence):
        yield Violation(spelt((place, "sequence")), f"{sequence} is not the number in {lineage['event_id']}")
    if job_id is not None and (not rest or job_id[-BODY_LENGTH:] != body):
        yield Violation(spelt((place, "job_id")), f"{lineage['event_id']} is no event of {job_id}")
