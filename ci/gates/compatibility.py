"""Gates on the evolution of schemas: each family keeps what the baseline promised, and the baseline was blessed.

Verdicts come from the engine in `dome_spec.contracts`; `dome contracts check` shows them in full.
"""

import json
from pathlib import Path
from typing import Final

from ci.gates.finding import Finding
from dome_spec.contracts import baseline
from dome_spec.contracts.check import check as compared
from dome_spec.contracts.compatibility import Witness
from dome_spec.contracts.layout import Layout
from dome_spec.contracts.policy import Level
from dome_spec.contracts.report import find_rule, findings
from dome_spec.contracts.report.findings import Finding as Verdict
from dome_spec.contracts.sources import load

RED: Final = (Level.RED, Level.INVALID)
DOCUMENT_CHARACTERS_MAX: Final = 600


def check(tree: Path) -> list[Finding]:
    """Changes that break readers, change a meaning, or cannot be decided; each with a document that shows it."""
    layout = Layout(tree)
    report = compared(baseline.baselines(layout), load(str(layout.schemas), tree))
    return [_finding(tree, each) for each in findings(report) if each.level in RED]


def blessed(tree: Path) -> list[Finding]:
    """Files of the baseline that were edited by hand, and blessings without what their tier asks for."""
    return [Finding(fault.place, fault.what, fault.remedy) for fault in baseline.baseline_faults(tree)]


def _shown(witness: Witness) -> str:
    document = json.dumps(witness.document, ensure_ascii=False, separators=(",", ":"))
    cut = document[:DOCUMENT_CHARACTERS_MAX] + ("..." if len(document) > DOCUMENT_CHARACTERS_MAX else "")
    at = f"#{witness.place}" if witness.place else "as a whole"
    said = f" ({at}: {witness.message.rstrip('.')})" if witness.message else ""
    return f"{witness.accepted_by} accepts and {witness.refused_by} refuses {cut}{said}"


def _finding(tree: Path, verdict: Verdict) -> Finding:
    place = Path(tree, verdict.place.path)
    path = place.relative_to(tree).as_posix() if place.is_relative_to(tree) else verdict.place.path
    line = f":{verdict.place.position.line}" if verdict.place.position else ""
    rule = find_rule(verdict.rule) if verdict.witness is not None else None
    said = [f"{verdict.family}: {(rule.what if rule is not None else verdict.what).rstrip('.')}"]
    if verdict.verdict is not None:
        said.append(f"{verdict.verdict} [{verdict.rule}]" + (f", {verdict.direction}" if verdict.direction else ""))
    if verdict.witness is not None:
        said.append(_shown(verdict.witness))
    remedy = f"{verdict.remedy.rstrip('.')}. `dome contracts explain {verdict.rule}` says more."
    return Finding(f"{path}{line}", "; ".join(said), remedy)
