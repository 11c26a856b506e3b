"""`python -m benchmarks [ROW ...]`: measure, print the table, write the report and the drawing into `report/`."""

import argparse
import asyncio
import json
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.harness import run
from benchmarks.machine import REPOSITORY, look
from benchmarks.plot import svg
from benchmarks.report import document, text
from benchmarks.row import Row
from benchmarks.rows import ROWS

REPORT: Final = REPOSITORY / "report"
ROUNDS: Final = 5
QUICK_ROUNDS: Final = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the rows that were asked for. 0: all ran; 1: one could not; 2: there is no such row."""
    asked = _parser().parse_args(arguments)
    if asked.list:
        print("\n".join(f"{row.name:24} {row.work}" for row in ROWS))
        return 0
    by_name = {row.name: row for row in ROWS}
    unknown = [name for name in asked.rows if name not in by_name]
    if unknown:
        print(f"There is no row {', '.join(unknown)}. Rows: {', '.join(by_name)}.", file=sys.stderr)
        return 2
    rows = [by_name[name] for name in dict.fromkeys(asked.rows)] or list(ROWS)
    try:
        return asyncio.run(_measured(rows, asked))
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("Stopped; the daemons under test are stopped too.", file=sys.stderr)
        return 130


async def _measured(rows: Sequence[Row], asked: argparse.Namespace) -> int:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    rounds: int = asked.rounds or (QUICK_ROUNDS if asked.quick else ROUNDS)
    with tempfile.TemporaryDirectory(prefix="dome-bench-", dir=asked.folder) as base:
        machine = look(Path(base))
        results = await run(rows, base=Path(base), quick=asked.quick, rounds=rounds, tell=_tell)
    print(text(results, machine, quick=asked.quick), end="", flush=True)
    whole = document(results, machine, quick=asked.quick, rounds=rounds)
    _write(asked.json or REPORT / "benchmarks.json", json.dumps(whole, indent=1) + "\n", svg(results))
    return 1 if any(result.missing for result in results) else 0


def _write(report: Path, whole: str, drawing: str) -> None:
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(whole, encoding="utf-8")
    report.with_suffix(".svg").write_text(drawing, encoding="utf-8")
    _tell(f"Wrote {report} and {report.with_suffix('.svg')}.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measures Dome side by side with its peers and with the bare mechanism. Asserts no figure.",
        epilog="Example: ./just bench job-latency lines --rounds 3",
    )
    parser.add_argument("rows", nargs="*", metavar="ROW", help="rows to run (all)")
    parser.add_argument("--list", action="store_true", help="list the rows and end")
    parser.add_argument("--quick", action="store_true", help="few samples, small sizes: shows that the rows work")
    parser.add_argument("--rounds", type=int, help=f"turns of each contender ({ROUNDS}; {QUICK_ROUNDS} with --quick)")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="the report (report/benchmarks.json); the drawing beside it"
    )
    parser.add_argument(
        "--folder", type=Path, help="where state is kept while measuring: on the disk that matters ($TMPDIR)"
    )
    return parser


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
