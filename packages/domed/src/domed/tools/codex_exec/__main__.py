"""The entry point of `codex.exec`. On SIGTERM and SIGINT codex is ended first, then the program by that signal."""

import os
from pathlib import Path

from domed.tools import polite_end
from domed.tools.codex_exec.task import do


def main() -> None:
    """Give codex the task that the input names."""
    polite_end.run(lambda dome: do(dome, Path.cwd(), os.environ))


if __name__ == "__main__":
    main()
