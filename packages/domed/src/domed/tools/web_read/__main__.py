"""The entry point of `web.read`. On SIGTERM and SIGINT the browser is ended first, then the program by that signal."""

import os

from domed.tools import polite_end
from domed.tools.web_read.reading import read


def main() -> None:
    """Read the page that the input names."""
    polite_end.run(lambda dome: read(dome, os.environ))


if __name__ == "__main__":
    main()
