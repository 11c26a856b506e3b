"""A report as a list of findings, each with its place in a file: what every format shows. Formats nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from dome_spec.contracts.check import FamilyChange, Refusal, Report
from dome_spec.contracts.compatibility import Direction, Verdict, Witness
from dome_spec.contracts.policy import Level, level, level_of_lost_name
from dome_spec.contracts.report.places import Place, place_in, place_of_change
from dome_spec.contracts.sources import Problem, SchemaSet

WHY: Final = {
    Direction.BACKWARD: "what was written for the old schema must stay readable with the new one",
    Direction.FORWARD: "readers of the old schema are still in use, and receive what is written for the new one",
    Direction.BOTH: "old and new readers live side by side, and each receives what the other writes",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to know: what, where, why and what to do."""

    level: Level
    family: str
    rule: str
    what: str
    remedy: str
    place: Place
    verdict: Verdict | None = None
    direction: Direction | None = None
    witness: Witness | None = None

    @property
    def why(self) -> str:
        """Whom it concerns."""
        return WHY[self.direction] if self.direction else ""


def findings(report: Report) -> list[Finding]:
    """What could not be read, the cause of much else, and everything in the report that is not green, in its order."""
    found = [finding for change in report.changes for finding in family_findings(report, change)]
    return [*(_unread(report.new, each) for each in report.new.problems), *found]


def family_findings(report: Report, change: FamilyChange) -> Iterator[Finding]:
    """The findings of one family."""
    if change.kind == "removed":
        yield _removed(change)
    if change.renamed is not None:
        yield _renamed(report, change, *change.renamed)
    if change.refusal is not None:
        yield _refused(report, change, change.refusal)
    for each in change.comparison.changes if change.comparison else ():
        if each.verdict is not Verdict.COMPATIBLE:
            yield Finding(
                level=level(change.terms, each.verdict),
                family=change.family,
                rule=each.rule,
                what=each.what,
                remedy=each.remedy,
                place=place_of_change(report, change, each),
                verdict=each.verdict,
                direction=each.direction,
                witness=each.witness,
            )


def _removed(change: FamilyChange) -> Finding:
    assert change.old_path is not None
    return Finding(
        level=level_of_lost_name(change.terms),
        family=change.family,
        rule="family-removed",
        what=f"{change.family} is in {'the ' if change.against.name.startswith('baseline') else ''}"
        f"{change.against.origin}, and gone",
        remedy="Put it back, mark it `deprecated` and let its readers leave; a moved file keeps its `$id`.",
        place=place_in(change.against, change.old_path, ""),
        direction=Direction.BACKWARD,
    )


def _renamed(report: Report, change: FamilyChange, was: str, at: str) -> Finding:
    assert change.new_path is not None
    return Finding(
        level=level_of_lost_name(change.terms),
        family=change.family,
        rule="family-renamed",
        what=f"the `$id` was {was} and is {at or 'gone'}: references to the old name lead nowhere",
        remedy="Keep the `$id`; a file may move without it. Another name is another family, beside this one.",
        place=place_in(report.new, change.new_path, "/$id"),
        direction=Direction.BACKWARD,
    )


def _refused(report: Report, change: FamilyChange, refusal: Refusal) -> Finding:
    side, path = (report.new, change.new_path) if refusal.side == "new" else (change.against, change.old_path)
    assert path is not None
    return Finding(
        level=Level.INVALID,
        family=change.family,
        rule="schema-refused",
        what=f"the {refusal.side} schema cannot be compared ({refusal.reason}): {refusal.what.rstrip('.')}",
        remedy=refusal.remedy,
        place=place_in(side, path, refusal.place),
    )


def _unread(schemas: SchemaSet, problem: Problem) -> Finding:
    return Finding(
        level=Level.INVALID if problem.is_likely_schema else Level.GREEN,
        family=problem.path,
        rule="file-unreadable",
        what=problem.what,
        remedy=problem.remedy,
        place=Place(schemas.shown(problem.path), "", problem.position),
    )
