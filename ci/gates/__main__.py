"""`python -m ci.gates`: one line a gate, then what is to be repaired. Exit code 1 if any gate is red."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from ci.gates.gate import ChangeClass, Gate
from ci.gates.registry import GATES
from ci.gates.report import as_json, as_sarif, details, line
from ci.gates.run import run
from ci.staged import staged

ROOT: Final = Path(__file__).resolve().parents[2]


def main(argv: list[str] | None = None) -> int:
    """0: all green. 1: at least one is red."""
    names = [gate.name for gate in GATES]
    parser = argparse.ArgumentParser(prog="python -m ci.gates", description=__doc__)
    parser.add_argument("--list", action="store_true", help="name the gates and run none")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=names, help="run these gates alone")
    parser.add_argument("--changed", nargs="*", metavar="FILE", help="run the gates that these files can turn red")
    parser.add_argument("--staged", action="store_true", help="the same for the files that the commit to come changes")
    parser.add_argument(
        "--class",
        nargs="+",
        metavar="CLASS",
        choices=list(ChangeClass),
        dest="classes",
        help=f"run the gates for changes of these kinds: {', '.join(ChangeClass)}",
    )
    parser.add_argument("--quick", action="store_true", help="leave out the gates that take seconds")
    parser.add_argument("--json", action="store_true", help="one JSON object a gate")
    parser.add_argument("--sarif", action="store_true", help="one SARIF 2.1.0 log of all findings")
    parser.add_argument("--tree", type=Path, default=ROOT, help="the repository (default: this one)")
    arguments = parser.parse_args(argv)
    changed = [*(arguments.changed or ()), *staged(arguments.tree)] if arguments.staged else arguments.changed
    gates = chosen(GATES, arguments.only, changed)
    gates = [gate for gate in gates if gate.quick or not arguments.quick]
    gates = [gate for gate in gates if not arguments.classes or set(arguments.classes) & set(gate.classes)]
    if arguments.list:
        print("\n".join(gate.name for gate in gates))
        return 0
    verdicts = []
    for verdict in run(gates, arguments.tree.resolve()):
        if not arguments.sarif:
            print(as_json(verdict) if arguments.json else line(verdict), flush=True)
        verdicts.append(verdict)
    if arguments.sarif:
        print(as_sarif(verdicts))
    elif not arguments.json:
        sys.stdout.writelines(details(verdicts))
    return 0 if all(verdict.is_green for verdict in verdicts) else 1


def chosen(gates: Iterable[Gate], only: Sequence[str] | None, changed: list[str] | None) -> list[Gate]:
    """The gates that were named, of those that the changed files can turn red."""
    return [
        gate
        for gate in gates
        if (only is None or gate.name in only)
        and (changed is None or gate.watched([_relative(path) for path in changed]))
    ]


def _relative(path: str) -> str:
    return Path(path).resolve().relative_to(ROOT).as_posix() if Path(path).is_absolute() else path


if __name__ == "__main__":
    sys.exit(main())
