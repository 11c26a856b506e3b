"""The entry point of `repo.commit`. A polite signal ends it with nothing committed, or after the whole commit."""

import os
import signal
from types import FrameType

from dome_contracts import tool
from domed.tools.repo_commit.commit import commit


class _Signaled(BaseException):
    """A signal asked for the end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def _raise(number: int, _frame: FrameType | None) -> None:
    raise _Signaled(number)


def main() -> None:
    """Commit what the input names."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _raise)
    try:
        with tool.session() as dome:
            commit(dome, os.environ)
    except _Signaled as ended:
        signal.signal(ended.number, signal.SIG_DFL)
        os.kill(os.getpid(), ended.number)


if __name__ == "__main__":
    main()
