"""`python -m ci.docs [--check]`: write the reference pages, or say which are not what contracts and code say."""

import argparse
import sys
from pathlib import Path
from typing import Final

from ci.docs.pages import FOLDER, compare, render, write

ROOT: Final = Path(__file__).resolve().parents[2]


def main(argv: list[str] | None = None) -> int:
    """0: written, or current. 1: some page differs."""
    parser = argparse.ArgumentParser(prog="python -m ci.docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a page differs")
    parser.add_argument("--tree", type=Path, default=ROOT, help="the repository (default: this one)")
    arguments = parser.parse_args(argv)
    pages = render(arguments.tree)
    if not arguments.check:
        write(pages, arguments.tree / FOLDER)
        print(f"{FOLDER}/: {len(pages)} pages")
        return 0
    differences = compare(pages, arguments.tree / FOLDER)
    for path, verdict in differences:
        print(f"{FOLDER}/{path}: {verdict}", file=sys.stderr)
    if differences:
        print("Run `python -m ci.docs` and commit what it writes.", file=sys.stderr)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
