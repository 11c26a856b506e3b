"""How patterns of paths stand to each other. Whether one matches a path is decided in `governance`."""

from collections.abc import Iterable, Sequence
from typing import Final

from dome_spec.governance import path_matches

_WILD: Final = ("*", "?", "[")


def covers(outer: str, inner: str) -> bool:
    """Whether all that the inner pattern matches is surely matched by the outer one. In doubt: no."""
    if outer in ("**", inner):
        return True
    if outer.endswith("/**"):
        return inner.startswith(outer.removesuffix("**"))
    return not any(sign in inner for sign in _WILD) and path_matches(inner, [outer])


def within(paths: Iterable[str], allowed: Sequence[str], forbidden: Sequence[str]) -> tuple[str, ...]:
    """The paths that a change may touch, in their order."""
    return tuple(path for path in paths if path_matches(path, allowed) and not path_matches(path, forbidden))
