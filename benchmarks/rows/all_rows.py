"""The list of rows, in the order in which they are run and printed."""

from typing import Final

from benchmarks.row import Row
from benchmarks.rows import (
    binding,
    catalog,
    command,
    compatibility,
    followers,
    job_latency,
    job_latency_repository,
    line_latency,
    line_latency_flood,
    lines,
    mcp,
    missions,
    missions_on_disk,
    resume,
    rollout,
    start,
    status_while_streaming,
    submit,
    views,
)

ROWS: Final[tuple[Row, ...]] = (
    job_latency.LATENCY_ROW,
    job_latency.RATE_ROW,
    job_latency_repository.ROW,
    submit.ROW,
    lines.ROW,
    line_latency.ROW,
    line_latency_flood.ROW,
    followers.ROW,
    status_while_streaming.ROW,
    resume.ROW,
    catalog.ROW,
    start.ROW,
    command.ROW,
    mcp.ROW,
    compatibility.ROW,
    binding.ROW,
    views.ROW,
    rollout.ROW,
    missions.ROW,
    missions_on_disk.ROW,
)
