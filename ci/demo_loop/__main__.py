"""Shows the loop at work: `./just demo-loop`.

A daemon, a state and a repository of its own are made in a folder that is removed in the end; the user's own are not
touched. Every sentence with a plus is held against what is there; one that is false ends the demonstration with 1.
"""

import sys
import tempfile
import time
from pathlib import Path

from ci.demo import a_daemon, environment
from ci.demo_loop import ledger, unlike
from ci.demo_loop.judging import judge
from ci.demo_loop.learning import Learning
from ci.demo_loop.person import Person
from ci.demo_loop.telling import ClaimFalse, tell


def main() -> int:
    """Tell it all. Returns 0 where everything that was claimed is so."""
    begin_s = time.monotonic()
    # The path of a socket is short.
    with tempfile.TemporaryDirectory(prefix="dome-") as folder, a_daemon(environment(Path(folder))) as environ:
        root = Path(folder, "ledger")
        root.mkdir()
        ledger.write(root)
        learning = Learning(Person(root, environ))
        learning.tell()
        judge(learning)
        unlike.compare(Path(folder), environ)
        tell(f"All of it took {time.monotonic() - begin_s:.0f} s, most of it pytest.")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ClaimFalse as error:
        sys.exit(f"\nThe demonstration stopped. {error}")
