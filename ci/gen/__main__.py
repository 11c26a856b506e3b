"""`python -m ci.gen [--check]`: write `generated/`, or say where it is not what the contracts say."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ci.gen.build import build
from ci.gen.tree import COMMAND, GenerationError, Tree, compare, write

ROOT: Final = Path(__file__).resolve().parents[2]
OUTPUT: Final = "generated"


def main(argv: list[str] | None = None, *, generate: Callable[[Path], Tree] = build) -> int:
    """0: written, or in agreement. 1: drift, or a contract that cannot be generated from."""
    parser = argparse.ArgumentParser(prog="python -m ci.gen", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where generated/ differs")
    parser.add_argument("--root", type=Path, default=ROOT, help="the repository (default: this one)")
    arguments = parser.parse_args(argv)
    root: Path = arguments.root.resolve()
    try:
        tree = generate(root)
    except GenerationError as error:
        print(f"generation failed: {error}", file=sys.stderr)
        return 1
    if not arguments.check:
        write(tree, root / OUTPUT)
        print(f"{OUTPUT}/: {len(tree)} files")
        return 0
    differences = compare(tree, root / OUTPUT)
    for difference in differences:
        print(f"{OUTPUT}/{difference}", file=sys.stderr)
    if differences:
        print(f"{len(differences)} files are not what the contracts say. Run `{COMMAND}`.", file=sys.stderr)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
