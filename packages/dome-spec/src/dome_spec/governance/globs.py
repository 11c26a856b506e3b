"""Patterns of paths within a repository: `*` within one part of a path, `?` for one character of it, `**` over parts.

Pure, and about text: whether a file is there is no question here.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_PIECE: Final = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_TRANSLATED: Final = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def path_matches(path: str, globs: Iterable[str]) -> bool:
    """Whether a pattern matches the whole path. `src/**` matches all beneath `src`, `src` itself it does not."""
    return any(_compiled(glob).fullmatch(path) for glob in globs)


def pieces(glob: str) -> list[str]:
    """The pattern in pieces: `**/`, `**`, `*`, `?`, and the texts between."""
    return _PIECE.findall(glob)


@lru_cache(maxsize=1024)
def _compiled(glob: str) -> re.Pattern[str]:
    translated = (_TRANSLATED.get(piece, re.escape(piece)) for piece in pieces(glob))
    return re.compile("".join(translated), re.DOTALL)
