"""References between documents as text: joining and splitting. Works for relative bases too, such as paths of files."""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

_PARTS: Final = re.compile(r"(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?", re.DOTALL)


def split_fragment(reference: str) -> tuple[str, str]:
    """A reference without its fragment, and the fragment, decoded."""
    uri, _, fragment = reference.partition("#")
    return uri, unquote(fragment)


@lru_cache(maxsize=4096)
def join(base: str, reference: str) -> str:
    """The URI, or the path, that a reference without fragment means where `base` is the base (RFC 3986, 5.2)."""
    scheme, authority, path, query = _split(reference)
    if scheme is not None:
        return _unsplit(scheme, authority, _without_dots(path), query)
    base_scheme, base_authority, base_path, base_query = _split(base)
    if authority is not None:
        return _unsplit(base_scheme, authority, _without_dots(path), query)
    if not path:
        return _unsplit(base_scheme, base_authority, base_path, base_query if query is None else query)
    if not path.startswith("/"):
        head = base_path.rpartition("/")[0]
        rooted = "/" in base_path or base_authority is not None
        path = f"{head}/{path}" if rooted else path
    return _unsplit(base_scheme, base_authority, _without_dots(path), query)


def _split(text: str) -> tuple[str | None, str | None, str, str | None]:
    match = _PARTS.match(text)
    assert match is not None  # every part may be absent, so it matches every text
    scheme, authority, path, query = match.groups()
    return scheme, authority, path, query


def _unsplit(scheme: str | None, authority: str | None, path: str, query: str | None) -> str:
    return "".join(
        (
            f"{scheme}:" if scheme is not None else "",
            f"//{authority}" if authority is not None else "",
            path,
            f"?{query}" if query is not None else "",
        )
    )


def _without_dots(path: str) -> str:
    """The path without `.` and `..`; a relative one keeps the `..` that lead out of it."""
    rooted = path.startswith("/")
    kept: list[str] = []
    steps = path.split("/")
    for step in steps[1:] if rooted else steps:
        if step == "..":
            if kept and kept[-1] != "..":
                kept.pop()
            elif not rooted:
                kept.append("..")
        elif step != ".":
            kept.append(step)
    if steps[-1] in {".", ".."} and (kept or rooted) and kept[-1:] != [".."]:
        kept.append("")
    return ("/" if rooted else "") + "/".join(kept)
