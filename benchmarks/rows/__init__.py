"""All rows, in the order in which they are run and printed."""

from benchmarks.rows.all_rows import ROWS

__all__ = ["ROWS"]
