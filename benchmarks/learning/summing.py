"""What the seasons come to: medians over the worlds with the lowest and the highest, beside who never learns."""

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any, Final

from benchmarks.learning.season import Season
from benchmarks.learning.world import Kind

NULL: Final = "never"
SHADOW: Final = "shadow"


def _about(kind: Kind) -> Callable[[Season], float]:
    """The attempts about targets of a kind."""
    return lambda each: each.attempts(kind)


_FIGURES: Final[Mapping[str, Callable[[Season], float]]] = {
    "attempts": lambda each: each.attempts(),
    "minutes": lambda each: each.duration_s / 60,
    "mended": lambda each: each.mended,
    "prescribed": lambda each: each.prescribed[0],
    "in_vain": lambda each: each.prescribed[1],
    "again_in_vain": lambda each: each.prescribed_again,
    "stage_changes": lambda each: each.demotions,
    **{f"attempts_{kind.value}": _about(kind) for kind in Kind},
}


def summed(seasons: Sequence[Season]) -> dict[str, Any]:
    """Each figure of each contender: median, lowest and highest over the worlds; and by how much less than the null."""
    by_name: dict[str, dict[int, Season]] = {}
    for each in seasons:
        by_name.setdefault(each.contender, {})[each.seed] = each
    null = by_name[NULL]
    found: dict[str, Any] = {}
    for name, worlds in by_name.items():
        figures = {figure: _spread([count(each) for each in worlds.values()]) for figure, count in _FIGURES.items()}
        for figure in ("attempts", "minutes"):
            count = _FIGURES[figure]
            figures[f"{figure}_saved"] = _spread([1 - count(each) / count(null[seed]) for seed, each in worlds.items()])
        found[name] = figures
    return found


def same_selection(seasons: Sequence[Season]) -> bool:
    """Whether the shadow stage tried the same as the null, failure by failure, in every world."""
    found = {(each.contender, each.seed): each.selection for each in seasons}
    return all(found[NULL, seed] == found[SHADOW, seed] for name, seed in found if name == NULL)


def table(figures: Mapping[str, Any]) -> str:
    """The figures for people."""
    columns = (
        "attempts",
        "attempts_saved",
        "minutes",
        "minutes_saved",
        "mended",
        "prescribed",
        "in_vain",
        "again_in_vain",
    )
    lines = [f"{'':14}" + "".join(f"{each:>22}" for each in columns)]
    for name, each in figures.items():
        lines.append(f"{name:14}" + "".join(f"{_shown(column, each[column]):>22}" for column in columns))
    kinds = [f"attempts_{kind.value}" for kind in Kind]
    lines += ["", f"{'':14}" + "".join(f"{each:>22}" for each in kinds)]
    for name, each in figures.items():
        lines.append(f"{name:14}" + "".join(f"{_shown(column, each[column]):>22}" for column in kinds))
    return "\n".join(lines)


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {"median": median(values), "lowest": min(values), "highest": max(values)}


def _shown(column: str, each: Mapping[str, float]) -> str:
    form = "{:.0%}" if column.endswith("_saved") else "{:.0f}"
    return f"{form.format(each['median'])} ({form.format(each['lowest'])} to {form.format(each['highest'])})"
