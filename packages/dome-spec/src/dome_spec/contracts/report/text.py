"""A report as text for people: what, where, a document that shows it, why, and what to do."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from dome_spec.contracts.check import FamilyChange, Report
from dome_spec.contracts.compatibility import Direction, Verdict, Witness
from dome_spec.contracts.policy import Level
from dome_spec.contracts.report.findings import Finding, family_findings, findings
from dome_spec.contracts.report.rules import find_rule
from dome_spec.contracts.sources import SchemaSet

DOCUMENT_CHARACTERS_MAX: Final = 240
"""Most characters that are shown of a witness; the JSON report holds the whole."""
MESSAGE_CHARACTERS_MAX: Final = 160
"""Most characters that are shown of what a validator says."""
Cause = tuple[str, Direction | None, str, str]
"""Rule, direction, file and pointer: findings of several families that are one change."""
_WORDS: Final = {Level.GREEN: "ok", Level.WARNING: "warning", Level.RED: "error", Level.INVALID: "invalid"}
_LABEL_WIDTH: Final = 11


def render(report: Report) -> str:
    """The whole report. Ends without a newline."""
    seen: dict[Cause, str] = {}
    unread = [each for each in findings(report) if each.rule == "file-unreadable"]
    blocks = ["\n".join(finding_lines(each)) for each in unread]
    blocks += ["\n".join(_family(report, change, seen)) for change in report.changes if _is_told(change)]
    return "\n\n".join([*blocks, summary(report)])


def summary(report: Report) -> str:
    """One sentence: how many families, what became of them, and what was left out."""
    kinds = Counter(_outcome(change) for change in report.changes)
    parts = [f"{count} {name}" for name, count in sorted(kinds.items(), key=lambda item: _ORDER.index(item[0]))]
    families = len({change.family for change in report.changes})
    against = ", ".join(_shown(old) for old in report.olds)
    what = f"{families} {'family' if families == 1 else 'families'} against {against}: {', '.join(parts) or 'nothing'}."
    skipped = report.new.skipped_count
    return what + (f" {skipped} other JSON {'file was' if skipped == 1 else 'files were'} skipped." if skipped else "")


def finding_lines(finding: Finding, *, is_complete: bool = False) -> Iterator[str]:
    """One finding. Complete: nothing of the witness is cut."""
    word = "note" if finding.level is Level.GREEN else _WORDS[finding.level]
    yield f"  {word}[{finding.rule}]: {_printable(_what(finding))}"
    yield _labelled("at", place_text(finding))
    if finding.witness is not None:
        yield from _witness(finding.witness, is_complete=is_complete)
    if finding.why:
        yield _labelled("why", f"{finding.why} ({finding.direction})")
    yield _labelled("what to do", finding.remedy)


def place_text(finding: Finding) -> str:
    """File, line and pointer."""
    place = finding.place
    at = f":{place.position.line}:{place.position.column}" if place.position else ""
    return f"{place.path}{at}" + (f"  (#{place.pointer})" if place.pointer else "")


def compact(document: Any) -> str:
    """A document on one line, cut where it is long."""
    return cut(json.dumps(document, ensure_ascii=False), DOCUMENT_CHARACTERS_MAX)


def cut(text: str, characters_max: int) -> str:
    """The beginning of a long text, and how long it is."""
    if len(text) <= characters_max:
        return text
    return f"{text[:characters_max]}... ({len(text)} characters; `--json` has all of them)"


def _what(finding: Finding) -> str:
    """What happened; where a document shows it, the rule, because the document comes below."""
    rule = find_rule(finding.rule) if finding.witness is not None else None
    return (rule.what if rule is not None else finding.what).rstrip(".")


def _family(report: Report, change: FamilyChange, seen: dict[Cause, str]) -> Iterator[str]:
    """One family. What a shared definition did to an earlier family too is told once."""
    about = [str(change.terms.tier), change.terms.intent, str(change.comparison.direction) if change.comparison else ""]
    told = ", ".join(part for part in about if part)
    against = f" against {_shown(change.against)}" if len(report.olds) > 1 else ""
    yield f"{_WORDS[change.level]:<8} {change.family}: {_outcome(change)}{against}" + (f"  ({told})" if told else "")
    for finding in family_findings(report, change):
        cause = (finding.rule, finding.direction, finding.place.path, finding.place.pointer)
        if (first := seen.setdefault(cause, change.family)) == change.family:
            yield from finding_lines(finding)
        else:
            yield f"  {_WORDS[finding.level]}[{finding.rule}]: as of {first}, at {place_text(finding)}"


def _witness(witness: Witness, *, is_complete: bool) -> Iterator[str]:
    if is_complete:
        lines = json.dumps(witness.document, ensure_ascii=False, indent=2).splitlines()
        yield _labelled("document", lines[0])
        yield from (_labelled("", line) for line in lines[1:])
    else:
        yield _labelled("document", compact(witness.document))
    yield _labelled("", f"accepted by the {witness.accepted_by} schema")
    at = f"at #{witness.place}" if witness.place else "as a whole"
    yield _labelled("", f"refused by the {witness.refused_by} one {at}, by `{witness.keyword}`")
    if witness.message:
        limit = len(witness.message) if is_complete else MESSAGE_CHARACTERS_MAX
        yield _labelled("", cut(witness.message.rstrip("."), limit))


def _labelled(label: str, text: str) -> str:
    return f"    {label + ':' if label else '':<{_LABEL_WIDTH}} {_printable(text)}"


def _printable(text: str) -> str:
    """Without characters that a terminal would obey."""
    return "".join(each if each.isprintable() else json.dumps(each)[1:-1] for each in text)


_ORDER: Final = (
    "unchanged", "compatible", "shared definitions", "added", "meaning changed", "undecided", "incompatible", "renamed",
    "removed", "not comparable",
)  # fmt: skip


def _outcome(change: FamilyChange) -> str:
    if change.refusal is not None:
        return "not comparable"
    if change.kind == "shared":
        return "shared definitions"
    if change.comparison is None or (change.kind == "renamed" and change.comparison.verdict is Verdict.COMPATIBLE):
        return change.kind
    return change.comparison.verdict.lower().replace("_", " ")


def _is_told(change: FamilyChange) -> bool:
    return change.kind not in ("unchanged", "shared")


def _shown(schemas: SchemaSet) -> str:
    return schemas.origin
