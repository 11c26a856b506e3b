"""JSON pointers: how a place inside a document is written. Resolves nothing."""

from collections.abc import Iterable


def token(part: str | int) -> str:
    """One step of a pointer, as it is written."""
    text = str(part)
    return text if text.isidentifier() else text.replace("~", "~0").replace("/", "~1")


def pointer(parts: Iterable[str | int]) -> str:
    """The pointer of a path; the empty text for the whole document."""
    return "".join("/" + token(part) for part in parts)


def parts(text: str) -> list[str]:
    """The steps of a pointer. The pointer must be empty or begin with a slash."""
    return [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]


def named(document: str, place: str) -> str:
    """A place with the name of its document before it; the document that was given has no name."""
    return f"{document}#{place}" if document else place
