"""The entry point of `repo.test`. On SIGTERM and SIGINT pytest is ended, and what is known until then is reported."""

import os
import signal
from pathlib import Path

from dome_contracts import tool
from domed.tools.repo_test.session import test


def main() -> None:
    """Run the tests of the working directory."""
    with tool.session() as dome:
        asked: list[int] = []
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda received, _frame: asked.append(received))
        test(dome, Path.cwd(), os.environ, is_asked_to_end=lambda: bool(asked))


if __name__ == "__main__":
    main()
