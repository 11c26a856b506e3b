"""Runs gates side by side and measures each. Judges nothing and prints nothing."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Final

from ci.gates.finding import Finding
from ci.gates.gate import Gate
from ci.gates.reading import Unreadable

WORKERS: Final = 2
# These take longest, so they begin first.
LONG: Final = ("types", "provenance", "codegen-drift", "docs")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one gate said, and how long it took."""

    gate: str
    findings: tuple[Finding, ...]
    duration_s: float

    @property
    def is_green(self) -> bool:
        """Whether there is nothing to repair."""
        return not self.findings


def run(gates: Sequence[Gate], tree: Path) -> Iterator[Verdict]:
    """The verdicts in the order of the gates, each as soon as it and those before it are known."""
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        begun = {
            gate.name: pool.submit(_judge, gate, tree) for gate in sorted(gates, key=lambda gate: gate.name not in LONG)
        }
        for gate in gates:
            yield begun[gate.name].result()


def _judge(gate: Gate, tree: Path) -> Verdict:
    begin = monotonic()
    try:
        findings = tuple(gate.check(tree))
    except Unreadable as error:
        findings = (error.finding,)
    except Exception as error:  # noqa: BLE001 - a gate that cannot look is red, and the others still speak
        what = f"the gate could not look: {type(error).__name__}: {error}"
        findings = (Finding(gate.name, what, "Mend what the message names, or the gate."),)
    return Verdict(gate.name, findings, monotonic() - begin)
