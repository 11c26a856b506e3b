"""Where documents come from, a file or standard input, and what they are said to be. Reads none of them."""

import os
import stat
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO, Final

from dome_spec.commands.verb import UsageWrong

STANDARD_INPUT: Final = "-"


def input_of(file: str) -> AbstractContextManager[BinaryIO]:
    """The bytes of a file, or of standard input."""
    return nullcontext(sys.stdin.buffer) if file == STANDARD_INPUT else open(file, "rb")


def directory_of(file: str) -> Path:
    """Where the evidence of the documents is looked for: beside the file, else here."""
    return Path() if file == STANDARD_INPUT else Path(file).parent


def size_of(stream: BinaryIO) -> int:
    """How many bytes there are to read; 0 where nobody knows."""
    found = os.fstat(stream.fileno())
    return found.st_size if stat.S_ISREG(found.st_mode) else 0


def known_family(family: str) -> None:
    """Check the family that documents are said to be of, where one is named. Raises UsageWrong."""
    from dome_spec.binding import DOORS

    if family and family not in DOORS:
        raise UsageWrong(f"{family!r} is no family that is taken in: {', '.join(DOORS)}")
