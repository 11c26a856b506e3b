"""Gates on `contracts/proto`: lint, format and compatibility with the baseline (by buf), and the house rules."""

import json
from pathlib import Path
from typing import Final

from ci import proto_rules
from ci.gates.finding import Finding, GateFailed
from ci.gates.program import Answer, ask

BASELINE: Final = "contracts/baseline/dome.binpb"
BLESS: Final = "dome contracts bless wire"
# buf's own exit code for findings; others mean that it could not look.
FOUND: Final = 100


def lint(tree: Path) -> list[Finding]:
    """What `buf lint` finds by the rules in buf.yaml."""
    answer = ask(["buf", "lint", "--error-format=json"], tree)
    return _annotations(answer, "Mend the proto; the rule's name is in buf's documentation.")


def form(tree: Path) -> list[Finding]:
    """Protos that `buf format` would write otherwise."""
    answer = ask(["buf", "format", "--diff", "--exit-code"], tree)
    if answer.code not in {0, FOUND}:
        raise GateFailed(answer.err.strip())
    changed = sorted({line.split()[1] for line in answer.out.splitlines() if line.startswith("+++ ")})
    return [Finding(path, "not formatted", "Run `./just fix`.") for path in changed]


def breaking(tree: Path) -> list[Finding]:
    """What would break a reader or writer that was built from the baseline."""
    if not (tree / BASELINE).is_file():
        return [Finding(BASELINE, "there is no baseline to compare with", f"Run `{BLESS}` and commit it.")]
    answer = ask(["buf", "breaking", "--against", BASELINE, "--error-format=json"], tree)
    return _annotations(
        answer,
        'Reserve what goes (`reserved 5; reserved "name";`) and add beside it. A break that is meant is an ADR, '
        f"a line in the changelog, and `{BLESS}`.",
    )


def house_rules(tree: Path) -> list[Finding]:
    """What our own rules find: comments as promises, no JSON in strings, nothing that betterproto2 gets wrong."""
    return [Finding(f"contracts/proto/{found.place}", found.rule, found.remedy) for found in proto_rules.check(tree)]


def _annotations(answer: Answer, remedy: str) -> list[Finding]:
    if answer.code == 0:
        return []
    if answer.code != FOUND:
        raise GateFailed((answer.err or answer.out).strip())
    rows = [json.loads(line) for line in answer.out.splitlines() if line.strip()]
    return [
        Finding(
            f"{row.get('path', 'contracts/proto')}:{row.get('start_line', 1)}",
            f"{row['message']} ({row['type']})",
            remedy,
        )
        for row in rows
    ]
