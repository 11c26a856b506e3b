"""Digests and numbers as people read and type them."""

from typing import Final

SHOWN: Final = 12


def short(digest: str) -> str:
    """The beginning of a digest: enough to tell it from others."""
    return digest.removeprefix("sha256:")[:SHOWN]


def counted(count: int, thing: str) -> str:
    """So many of a thing."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
