"""JSON pointers (RFC 6901): the names in one, and one of names. Looks nothing up."""

from collections.abc import Iterable


def pointer(names: Iterable[str | int]) -> str:
    """The pointer to a place that is reached by these names; empty for the root."""
    return "".join(f"/{token(str(name))}" for name in names)


def token(name: str) -> str:
    """A name as it stands in a pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def names(of: str) -> list[str]:
    """The names that a pointer goes through."""
    return [part.replace("~1", "/").replace("~0", "~") for part in of.split("/")[1:]]
