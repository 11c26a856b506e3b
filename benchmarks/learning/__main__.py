"""`./just bench-learning`: what learning saves, in simulated worlds, and in repositories with real tools and a daemon.

Writes `report/learning.json`, with the seeds and every attempt of every contender; with `--keep` also the figures
beside this program, which the page about them quotes. Exit code 1: the shadow stage tried something else than the
contender that never learns, or a prescription was repeated right after it had not held.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.learning.contenders import contenders
from benchmarks.learning.season import Season, season
from benchmarks.learning.summing import same_selection, summed, table
from benchmarks.learning.world import a_world

REPORT: Final = Path(__file__).resolve().parents[2] / "report" / "learning.json"
KEPT: Final = Path(__file__).with_name("learning.json")
"""The figures of one run, without the attempts of the worlds."""
REPOSITORIES: Final = 2
"""How many of the last seeds are those of a real repository, too."""
REAL: Final = 2
SEEDS: Final = (11, 12, 13, 14, 15)
FAILURES: Final = 150


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the seasons, print the figures, write the report. 1: what must hold does not."""
    asked = _parser().parse_args(arguments)
    seasons = [each for seed in asked.seeds for each in _seasons(seed, asked.failures)]
    figures = summed(seasons)
    is_same = same_selection(seasons)
    repeated = sum(each.prescribed_again for each in seasons)
    print(f"{len(asked.seeds)} worlds of {asked.failures} failures: median (lowest to highest)\n\n{table(figures)}\n")
    print(f"shadow tried {'exactly' if is_same else 'NOT'} what never tried, failure by failure")
    print(f"prescriptions repeated right after they had not held: {repeated}")
    whole: dict[str, Any] = {
        "seeds": list(asked.seeds),
        "failures": asked.failures,
        "figures": figures,
        "shadow_is_never": is_same,
        "seasons": [_document(each) for each in seasons],
    }
    if asked.real:
        from benchmarks.learning.real import measured, told
        from benchmarks.learning.real import same_selection as same_in_repositories

        whole["real"] = measured(asked.real, seeds=asked.seeds[-REPOSITORIES:])
        is_same &= same_in_repositories(whole["real"])
        print(f"\n{told(whole['real'])}")
    _written(asked.json, whole)
    if asked.keep:
        _written(KEPT, {name: each for name, each in whole.items() if name != "seasons"})
    return 0 if is_same and not repeated else 1


def _written(path: Path, whole: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")


def _seasons(seed: int, count: int) -> list[Season]:
    world = a_world(seed, count)
    return [season(name, contender, world) for name, contender in contenders(seed).items()]


def _document(each: Season) -> dict[str, Any]:
    return {
        "contender": each.contender,
        "seed": each.seed,
        "attempted": [
            {
                "target": one.failure.target,
                "kind": one.failure.kind.value,
                "cause": one.failure.cause,
                "mends_itself": one.failure.mends_itself,
                "tries": [{"answer": each.answer, "is_prescribed": each.is_prescribed} for each in one.tries],
                "held": one.held,
            }
            for one in each.attempted
        ],
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench-learning", description=__doc__, allow_abbrev=False)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS, metavar="N")
    parser.add_argument(
        "--failures", type=int, default=FAILURES, metavar="N", help="in each world (default: %(default)s)"
    )
    parser.add_argument(
        "--real",
        type=int,
        default=REAL,
        metavar="N",
        help=f"failures in each of {REPOSITORIES} real repositories; 0 for none (default: %(default)s)",
    )
    parser.add_argument("--keep", action="store_true", help="keep the figures in benchmarks/learning/learning.json")
    parser.add_argument("--json", type=Path, default=REPORT, metavar="FILE")
    return parser


if __name__ == "__main__":
    sys.exit(main())
