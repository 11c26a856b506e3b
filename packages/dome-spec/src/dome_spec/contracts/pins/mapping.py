"""Which reason of ours each pinned code is, as the catalogue of the repository says: `contracts/reasons.yaml`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from dome_spec.contracts.layout import Layout
from dome_spec.contracts.pins.errors import PinFault
from dome_spec.kernel.yaml_text import read_yaml

SECTIONS: Final = {"failure_reason_code": "failure_reasons", "policy_reason_code": "policy_reasons"}
_PINNED: Final = "pinned_reasons"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the catalogue says of reasons: the codes of each kind, and the rows for pinned codes."""

    place: str
    codes: Mapping[str, frozenset[str]]
    """By the field that a code of the kind travels in."""
    rows: tuple[Mapping[str, str], ...]


def catalogue(layout: Layout) -> Catalogue | None:
    """The catalogue; None where the repository has none, or says nothing of reasons of its own. Raises NotYaml."""
    if not layout.reasons.is_file():
        return None
    content = read_yaml(layout.reasons.read_bytes())
    if not isinstance(content, dict) or not {_PINNED, *SECTIONS.values()} & content.keys():
        return None
    codes = {field: frozenset(_codes(content.get(section))) for field, section in SECTIONS.items()}
    rows = tuple(dict(row) for row in content.get(_PINNED) or ())
    return Catalogue(layout.reasons.relative_to(layout.root).as_posix(), codes, rows)


def _codes(section: Any) -> Iterator[str]:
    for row in section if isinstance(section, list) else ():
        if isinstance(row, dict) and "code" in row:
            yield str(row["code"])


def mapping_faults(found: Catalogue, bundle: str, codes: frozenset[str]) -> Iterator[PinFault]:
    """Pinned codes that are no reason of ours, several, or one that does not exist; and rows of codes that are gone."""
    rows = [row for row in found.rows if row.get("bundle") == bundle]
    mapped = [str(row.get("code", "")) for row in rows]
    place = f"{found.place}#{_PINNED}"
    for code in sorted(codes - set(mapped)):
        remedy = "Add a row that says which of our reasons it is: a failure_reason_code or a policy_reason_code."
        yield PinFault(place, f"{code} of {bundle} is none of our reasons", remedy)
    for code in sorted({each for each in mapped if mapped.count(each) > 1}):
        yield PinFault(place, f"{code} of {bundle} has several rows", "Keep one: a code is exactly one of our reasons.")
    ours: dict[Any, str] = {}
    for row in rows:
        code = str(row.get("code", ""))
        if code not in codes:
            yield PinFault(place, f"{bundle} has no reason {code}", "Take the row out.")
        yield from _one(found, place, f"{code} of {bundle}", row)
        name = tuple(row.get(field) for field in SECTIONS)
        if name in ours and code not in (ours[name], ""):
            what = f"{code} and {ours[name]} of {bundle} are the same reason of ours"
            yield PinFault(place, what, "Give each one of its own, or they cannot be told apart on the way back.")
        ours.setdefault(name, code)


def _one(found: Catalogue, place: str, name: str, row: Mapping[str, str]) -> Iterator[PinFault]:
    kinds = [field for field in SECTIONS if field in row]
    if len(kinds) != 1:
        remedy = f"Give it one of {' and '.join(SECTIONS)}."
        yield PinFault(place, f"{name} is {'no reason' if not kinds else 'a failure and a refusal'}", remedy)
    for field in kinds:
        if row[field] not in found.codes[field]:
            section = SECTIONS[field]
            yield PinFault(place, f"{name} is {row[field]}, which is not in {section}", "Name a reason that exists.")
