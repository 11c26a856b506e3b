"""Draws results as one SVG: a panel for each metric of a row, a bar for each contender, on a logarithmic scale."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from benchmarks.figures import Role, Series, Summary, summary
from benchmarks.report import figure
from benchmarks.row import Result

WIDTH: Final = 960
LABEL_WIDTH: Final = 300
FIGURE_WIDTH: Final = 110
BAR_HEIGHT: Final = 18
HEAD_HEIGHT: Final = 34
COLOURS: Final = {Role.DOME: "#2563a8", Role.PEER: "#c2703d", Role.LIMIT: "#9aa0a6"}


@dataclass(frozen=True, slots=True)
class _Bar:
    label: str
    role: Role
    found: Summary


@dataclass(frozen=True, slots=True)
class _Panel:
    title: str
    bars: tuple[_Bar, ...]

    @property
    def height(self) -> int:
        return HEAD_HEIGHT + BAR_HEIGHT * len(self.bars)


def svg(results: Sequence[Result]) -> str:
    """The drawing. A bar ends at the median; the line on it goes from the lowest to the highest median of a round."""
    panels = [panel for result in results for panel in _panels(result)]
    height = sum(panel.height for panel in panels) + HEAD_HEIGHT
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
    ]
    top = 0
    for panel in panels:
        lines += _drawn(panel, top=top)
        top += panel.height
    lines += [_legend(top=top), "</svg>"]
    return "\n".join(lines) + "\n"


def _panels(result: Result) -> Iterator[_Panel]:
    metrics = dict.fromkeys(series.metric for part in result.parts for series in part.series)
    for metric in metrics:
        bars = tuple(
            _Bar(_label(series, part.size), series.contender.role, summary(series))
            for part in result.parts
            for series in part.series
            if series.metric == metric
        )
        yield _Panel(f"{result.row.name}: {metric.name}, {metric.unit} ({metric.better.value})", bars)


def _label(series: Series, size: int | None) -> str:
    return series.contender.name if size is None else f"{series.contender.name}, {size:,}"


def _drawn(panel: _Panel, *, top: int) -> Iterator[str]:
    values = [value for bar in panel.bars for value in (bar.found.median, *bar.found.spread) if value > 0]
    if not values:
        return
    low, high = math.log10(min(values)) - 0.5, math.log10(max(values))

    def x(value: float) -> float:
        share = (math.log10(value) - low) / (high - low) if value > 0 else 0.0
        return LABEL_WIDTH + share * (WIDTH - LABEL_WIDTH - FIGURE_WIDTH)

    yield f'<text x="8" y="{top + 24}" font-weight="bold">{escape(panel.title)}</text>'
    for number, bar in enumerate(panel.bars):
        y = top + HEAD_HEIGHT + number * BAR_HEIGHT
        middle = y + BAR_HEIGHT / 2
        end = x(bar.found.median)
        yield f'<text x="{LABEL_WIDTH - 8}" y="{middle + 4}" text-anchor="end">{escape(bar.label)}</text>'
        yield (
            f'<rect x="{LABEL_WIDTH}" y="{y + 3}" width="{end - LABEL_WIDTH:.1f}" height="{BAR_HEIGHT - 6}" '
            f'fill="{COLOURS[bar.role]}"/>'
        )
        first, last = (x(value) for value in bar.found.spread)
        yield f'<line x1="{first:.1f}" x2="{last:.1f}" y1="{middle}" y2="{middle}" stroke="black" stroke-width="2"/>'
        yield f'<text x="{max(end, last) + 6:.1f}" y="{middle + 4}">{figure(bar.found.median)}</text>'


def _legend(*, top: int) -> str:
    parts = (
        f'<rect x="{8 + 90 * number}" y="{top + 14}" width="12" height="12" fill="{COLOURS[role]}"/>'
        f'<text x="{26 + 90 * number}" y="{top + 24}">{role.value}</text>'
        for number, role in enumerate(Role)
    )
    return "".join(parts)
