"""Tells what happens, and holds every claim against what is there: one that is false ends the demonstration."""

import shlex
from collections.abc import Sequence


class ClaimFalse(Exception):
    """Something that the demonstration says is not so."""


def chapter(text: str) -> None:
    """Print a heading."""
    print(f"\n# {text}", flush=True)


def tell(text: str) -> None:
    """Print a sentence about what was done."""
    print(f"  {text}", flush=True)


def typed(words: Sequence[str], *, in_words: str = "") -> None:
    """Print a command as a person would type it."""
    print(f"  $ {shlex.join(['dome', *words])}{f'   # {in_words}' if in_words else ''}", flush=True)


def claim(text: str, *, holds: bool, found: object = "") -> None:
    """Print what is so. Raises ClaimFalse where it is not, with what was found in its stead."""
    if not holds:
        raise ClaimFalse(f"This is not so: {text}. Found: {found}")
    print(f"  + {text}", flush=True)
