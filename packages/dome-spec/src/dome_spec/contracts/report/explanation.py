"""What a rule means and how a comparison was reached, at length."""

import json
from collections.abc import Iterator
from typing import Any, Final

from dome_spec.contracts.check import FamilyChange, Options, Report
from dome_spec.contracts.compatibility import Direction, Rule, Verdict, Witness, compare, parse
from dome_spec.contracts.compatibility.rule_table import Example, examples
from dome_spec.contracts.pairing import Pair, is_called
from dome_spec.contracts.policy import Tier, direction
from dome_spec.contracts.report.findings import WHY, Finding, family_findings
from dome_spec.contracts.report.text import compact, finding_lines
from dome_spec.contracts.sources import SchemaSet

EXAMPLES_MAX: Final = 2
_MEANINGS: Final = {
    Verdict.COMPATIBLE: "proven: no document that was promised to be readable is refused",
    Verdict.INCOMPATIBLE: "shown by a document that one side accepts and the other refuses; two validators confirm it",
    Verdict.MEANING_CHANGED: "the same documents are accepted, and what they say is not the same",
    Verdict.UNDECIDED: "neither proven compatible nor shown to be broken: a break, until a person has looked",
}
_WITHOUT_DOCUMENT: Final = "a break, whatever stands in the documents"
_TIERS: Final = {
    Tier.STABLE: "stable: every verdict but COMPATIBLE is red, and a break needs an ADR",
    Tier.EXPERIMENTAL: "experimental: every verdict but COMPATIBLE is red, and a moved baseline needs a note",
    Tier.INTERNAL: "internal: INCOMPATIBLE is red; the rest are warnings",
    Tier.FOREIGN: "none: the schema does not say `x-dome-tier`, so it is judged as a promise to strangers",
}


def rule_document(rule: Rule) -> dict[str, Any]:
    """A rule as JSON."""
    return {
        "rule": rule.id,
        "verdict": str(rule.verdict),
        "direction": str(rule.direction),
        "keywords": list(rule.keywords),
        "what": rule.what,
        "remedy": rule.remedy,
    }


def explanation_document(rule: Rule) -> dict[str, Any]:
    """A rule with its examples as JSON."""
    shown = [
        {
            "old": each.old,
            "new": each.new,
            "direction": str(each.direction),
            "verdict": str(each.verdict),
            "witness": found.document if (found := _witness(each)) else None,
        }
        for each in _examples(rule)
    ]
    return {**rule_document(rule), "why": WHY[rule.direction], "examples": shown}


def explain_rule(rule: Rule) -> Iterator[str]:
    """A rule: what it means, an example with a document that shows it, why, and what to do."""
    yield f"{rule.id}: {rule.verdict}"
    yield f"  what:       {rule.what}"
    shown = _examples(rule)
    is_plain = rule.verdict is Verdict.INCOMPATIBLE and not shown
    yield f"  verdict:    {_WITHOUT_DOCUMENT if is_plain else _MEANINGS[rule.verdict]}"
    for example in shown:
        yield f"  example:    old  {json.dumps(example.old)}"
        yield f"              new  {json.dumps(example.new)}"
        yield f"              {example.verdict} {example.direction}"
        if (witness := _witness(example)) is not None:
            told = f"accepted by the {witness.accepted_by}, refused by the {witness.refused_by} schema"
            yield f"              document {compact(witness.document)}: {told}"
    yield f"  why:        {WHY[rule.direction]}"
    yield f"  what to do: {rule.remedy}"


def explain_pair(report: Report, change: FamilyChange, options: Options) -> Iterator[str]:
    """One comparison: what was compared and how, every finding with the whole document and the lines it points at."""
    old, new = change.against, report.new
    yield f"{change.family}: {_outcome(change)}"
    yield f"  old:        {_named(old, change.old_path)}"
    yield f"  new:        {_named(new, change.new_path)}"
    yield f"  tier:       {_TIERS[change.terms.tier]}"
    asked = options.direction or direction(change.terms)
    reason = (
        "asked for" if options.direction else f"by intent {change.terms.intent}" if change.terms.intent else "default"
    )
    yield f"  direction:  {asked} ({reason}): {WHY[asked]}"
    if change.comparison is not None:
        yield f"  verdict:    {change.comparison.verdict}: {_MEANINGS[change.comparison.verdict]}"
    elif change.kind == "unchanged":
        yield "  verdict:    COMPATIBLE: the schemas and all that they refer to are equal"
    for finding in family_findings(report, change):
        yield ""
        yield from finding_lines(finding, is_complete=True)
        yield from _excerpt(report, change, finding)


def find_pair(candidates: list[Pair], word: str, old: SchemaSet, new: SchemaSet) -> Pair | None:
    """The pair that a word names, by family, path, `$id`, title or file; None where none or several are."""
    exact = [pair for pair in candidates if pair.family == word]
    found = exact or [pair for pair in candidates if not pair.definition and is_called(pair, word, old, new)]
    return found[0] if len(found) == 1 else None


def _examples(rule: Rule) -> list[Example]:
    """Those that show the verdict of the rule first."""
    found = [each for each in examples() if each.rule.id == rule.id]
    return sorted(found, key=lambda each: each.verdict is not rule.verdict)[:EXAMPLES_MAX]


def _witness(example: Example) -> Witness | None:
    found = compare(parse(example.old), parse(example.new), direction=Direction(example.direction))
    return next((each.witness for each in found.changes if each.witness is not None), None)


def _outcome(change: FamilyChange) -> str:
    return f"{change.kind}, {change.level}"


def _named(schemas: SchemaSet, path: str | None) -> str:
    return f"{schemas.shown(path)} in {schemas.origin}" if path is not None else f"not in {schemas.origin}"


def _excerpt(report: Report, change: FamilyChange, finding: Finding) -> Iterator[str]:
    """The line of the schema that the finding points at, and the one after it."""
    position = finding.place.position
    for schemas in (report.new, change.against):
        path = next((each for each in schemas.texts if schemas.shown(each) == finding.place.path), None)
        if path is not None and position is not None:
            lines = schemas.texts[path].decode("utf-8-sig").splitlines()[position.line - 1 : position.line + 1]
            yield from (f"    {position.line + at:>5} | {line}" for at, line in enumerate(lines))
            return
