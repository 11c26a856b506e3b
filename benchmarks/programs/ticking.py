"""A program that writes lines at a steady rate, each with the monotonic time at which it was written, in nanoseconds.

Arguments: when to begin (monotonic, in nanoseconds), lines a second, number of lines. Standard library only.
"""

import os
import sys
import time


def main(begin_ns: int, rate: int, count: int) -> None:
    """Write the lines. A late line is written at once and says its true time."""
    for number in range(count):
        due_ns = begin_ns + number * 1_000_000_000 // rate
        while (left_ns := due_ns - time.monotonic_ns()) > 0:
            time.sleep(left_ns / 1e9)
        os.write(1, b"%d\n" % time.monotonic_ns())


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
