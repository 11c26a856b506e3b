"""The entry point of `repo.search`. On SIGTERM and SIGINT git is ended first, then the program by the same signal."""

import os
import signal
from types import FrameType

from dome_contracts import tool
from domed.tools.repo_search.search import search


class _Signaled(BaseException):
    """A signal asked for the end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def _raise(number: int, _frame: FrameType | None) -> None:
    raise _Signaled(number)


def main() -> None:
    """Search the working directory."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _raise)
    try:
        with tool.session() as dome:
            search(dome, os.getcwd(), os.environ)
    except _Signaled as ended:
        signal.signal(ended.number, signal.SIG_DFL)
        os.kill(os.getpid(), ended.number)


if __name__ == "__main__":
    main()
