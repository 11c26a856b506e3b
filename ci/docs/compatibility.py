"""The page of the compatibility rules: the table of the engine, with the witness that the engine finds for each row."""

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from ci.docs.markdown import code, head, table
from dome_spec.contracts.compatibility import Comparison, Direction, Verdict, compare, parse
from dome_spec.contracts.compatibility.rule_table import Example, examples
from dome_spec.contracts.compatibility.rules import ACCEPTS_LESS, UNDECIDED, Rule

_COLUMNS: Final = ("rule", "direction", "verdict", "old schema", "new schema", "witness", "remedy")
_INTRO: Final = """What the compatibility engine says about a change, by example. *Backward*: readers of the new schema
get documents of the old one. *Forward*: readers of the old schema get documents of the new one.

- `COMPATIBLE`: proven. Every document stays accepted.
- `INCOMPATIBLE`: the witness is accepted by one of the schemas and refused by the other; two validators confirm it.
- `MEANING_CHANGED`: the same documents are accepted, and what they say is not the same.
- `UNDECIDED`: neither a proof nor a witness. No row of this page is.

A rule names a change; it does not decide it. A tighter keyword behind a reference, inside `items` or under a condition
is found by the documents that it refuses, and is named after the keyword that refuses them, or after the reference that
was edited to lead there.
"""
_SECTIONS: Final = {
    "tightened": ("Tightened", "Less is accepted than before. Each pair is shown towards both readers."),
    "loosened": ("Loosened", "More is accepted than before: readers of the old schema do not know it."),
    "meaning": ("Meaning", "No document shows these. Rows that are COMPATIBLE show what is no change of meaning."),
}


def page(_tree: Path) -> str:
    """Every row of the rule table, compared by the engine while the page is made."""
    parts = [head("Compatibility rules", "dome_spec.contracts.compatibility.rule_table"), _INTRO]
    ordered = sorted(examples(), key=lambda example: list(_SECTIONS).index(_section(example.rule)))
    for name, rows in groupby(ordered, key=lambda example: _section(example.rule)):
        title, words = _SECTIONS[name]
        parts += [f"## {title}\n\n{words}\n", table(_COLUMNS, _rows(rows))]
    others = [(code(rule.id), rule.verdict.value, rule.what, rule.remedy) for rule in (ACCEPTS_LESS, UNDECIDED)]
    parts += ["## Where no rule fits\n", table(("rule", "verdict", "what", "remedy"), others)]
    return "\n".join(parts)


def _section(rule: Rule) -> str:
    _, dot, kind = rule.id.rpartition(".")
    return kind if dot else "meaning"


def _rows(rows: Iterable[Example]) -> Iterator[tuple[str, ...]]:
    for row in rows:
        found = compare(parse(row.old), parse(row.new), direction=row.direction)
        # The page shows what the engine says; that it is what the table says is for the tests.
        yield (
            code(row.rule.id),
            row.direction.value,
            found.verdict.value,
            _json(row.old),
            _json(row.new),
            _witness(found),
            "" if found.verdict is Verdict.COMPATIBLE else _remedy(row, found),
        )


def _remedy(row: Example, found: Comparison) -> str:
    """What the table says for its readers; what the engine says for those of the old schema."""
    return row.rule.remedy if row.direction is Direction.BACKWARD else found.changes[0].remedy


def _witness(found: Comparison) -> str:
    return next((_json(change.witness.document) for change in found.changes if change.witness is not None), "")


def _json(value: Any) -> str:
    return code(json.dumps(value, ensure_ascii=False))
