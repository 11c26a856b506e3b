"""Makes the board of a mission from its store and says how much memory this process has held at most, in KiB.

Arguments: root of the repository, place of the state; none to read nothing.
"""

import re
import sys
from pathlib import Path

from benchmarks.rows.missions_on_disk import show_board

if __name__ == "__main__":
    if len(sys.argv) > 1:
        show_board(Path(sys.argv[1]), Path(sys.argv[2]))
    # Not by getrusage: what that says includes the process that started this one.
    found = re.search(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found is not None
    print(found[1])
