"""Turns results into a document (for programs) and into a table (for people). Pure; writes no file."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from benchmarks.figures import Growth, Role, Series, growth, ratio, summary
from benchmarks.machine import Machine
from benchmarks.row import Missing, Part, Result

REPORT_VERSION: Final = 1
HEADINGS: Final = ("contender", "metric", "median", "p99", "of rounds", "dome is", "guarantees")


def document(results: list[Result], machine: Machine, *, quick: bool, rounds: int) -> dict[str, Any]:
    """Everything that was measured, each sample among it."""
    return {
        "report_version": REPORT_VERSION,
        "quick": quick,
        "rounds": rounds,
        "machine": asdict(machine),
        "warnings": list(machine.warnings),
        "rows": [_row_document(result) for result in results],
    }


def _row_document(result: Result) -> dict[str, Any]:
    row = result.row
    return {
        "name": row.name,
        "work": row.work,
        "aim": row.aim,
        "size_of": row.size,
        "seconds": round(result.seconds, 3),
        "parts": [_part_document(part) for part in result.parts],
        "growth": [_growth_document(series, grown) for series, grown, _, _ in growths(result)],
        "missing": [asdict(lack) for lack in result.missing],
    }


def _part_document(part: Part) -> dict[str, Any]:
    return {
        "size": part.size,
        "facts": dict(part.facts),
        "missing": [asdict(lack) for lack in part.missing],
        "series": [_series_document(series, part) for series in part.series],
    }


def _series_document(series: Series, part: Part) -> dict[str, Any]:
    return {
        "contender": series.contender.name,
        "role": series.contender.role.value,
        "guarantees": series.contender.guarantees,
        "metric": series.metric.name,
        "unit": series.metric.unit,
        "better": series.metric.better.name.lower(),
        "summary": asdict(summary(series)),
        "dome_is": {dome.contender.name: asdict(found) for dome, found in _against(series, part)},
        "rounds": [list(each) for each in series.rounds],
    }


def _growth_document(series: Series, grown: Growth) -> dict[str, Any]:
    return {"contender": series.contender.name, "metric": series.metric.name, **asdict(grown)}


def _against(series: Series, part: Part) -> Iterator[tuple[Series, Any]]:
    """The series of Dome that a peer or a limit is compared with, and the ratio of each to it."""
    if series.contender.role is Role.DOME:
        return
    for dome in part.series:
        if dome.contender.role is Role.DOME and dome.metric == series.metric and (found := ratio(dome, series)):
            yield dome, found


def growths(result: Result) -> Iterator[tuple[Series, Growth, int, int]]:
    """What each series of Dome did from one size to the next, and these sizes, in their order."""
    for smaller, larger in zip(result.parts, result.parts[1:], strict=False):
        for after in larger.series:
            for before in smaller.series:
                same = (before.contender, before.metric) == (after.contender, after.metric)
                if not same or after.contender.role is not Role.DOME or smaller.size is None or larger.size is None:
                    continue
                if (grown := growth((smaller.size, before), (larger.size, after))) is not None:
                    yield after, grown, smaller.size, larger.size


def text(results: list[Result], machine: Machine, *, quick: bool) -> str:
    """The table that is printed."""
    lines = [
        f"{machine.system}, {machine.processors} x {machine.processor}, {machine.python}, SQLite {machine.sqlite}, "
        f"{machine.file_system}, load {machine.load_before}, sources {machine.sources}"
    ]
    lines += [f"NOT TO BE QUOTED: {warning}" for warning in machine.warnings]
    if quick:
        lines.append("NOT TO BE QUOTED: a quick run, with few samples and small sizes.")
    for result in results:
        lines += ["", *_row_lines(result)]
    return "\n".join(lines) + "\n"


def _row_lines(result: Result) -> Iterator[str]:
    yield f"{result.row.name}: {result.row.work}"
    yield f"  aim: {result.row.aim}   ({result.seconds:.1f} s)"
    yield from (_lack(lack) for lack in result.missing)
    for part in result.parts:
        if part.size is not None:
            yield f"  {part.size:,} {result.row.size}"
        yield from _aligned([HEADINGS, *(_cells(series, part) for series in part.series)])
        yield from (f"    {name}: {finding}" for name, finding in part.facts)
        yield from (_lack(lack) for lack in part.missing)
    for series, grown, smaller, larger in growths(result):
        yield (
            f"  growth of {series.contender.name}, {series.metric.name}: "
            f"x{grown.figure:.2f} from {smaller:,} to {larger:,} {result.row.size} (x{grown.size:.0f})"
        )


def _lack(lack: Missing) -> str:
    return f"  MISSING {lack.name}: {lack.what} {lack.remedy}"


def _cells(series: Series, part: Part) -> tuple[str, ...]:
    found = summary(series)
    several = sum(each.contender.role is Role.DOME and each.metric == series.metric for each in part.series) > 1
    against = (
        (f"{dome.contender.name} " if several else "") + f"{times.median:.2f}x ({times.lowest:.2f}-{times.highest:.2f})"
        for dome, times in _against(series, part)
    )
    role = series.contender.role
    return (
        series.contender.name + ("" if role is Role.DOME else f" ({role.value})"),
        f"{series.metric.name}, {series.metric.unit}",
        figure(found.median),
        figure(found.p99),
        f"{figure(found.spread[0])} - {figure(found.spread[1])}",
        "; ".join(against),
        series.contender.guarantees,
    )


def _aligned(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    for row in rows:
        yield "    " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def figure(value: float) -> str:
    """A number with three digits that mean something."""
    if value >= 1000:
        return f"{value:,.0f}"
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
