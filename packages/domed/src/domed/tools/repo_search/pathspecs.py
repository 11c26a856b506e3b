"""Paths and globs of an input as pathspecs of git. What a path leads to is handed in."""

import os
import re
from collections.abc import Callable, Sequence
from typing import Literal

from dome_contracts.tool import ToolFailure

Kind = Literal["folder", "file"]
KindOf = Callable[[str], Kind | None]
"""What a path leads to, None where it leads nowhere."""


def in_folder(folder: str) -> KindOf:
    """What paths lead to in a folder."""

    def kind(path: str) -> Kind | None:
        found = os.path.join(folder, path)
        return None if not os.path.lexists(found) else "folder" if os.path.isdir(found) else "file"

    return kind


def pathspecs(
    kind_of: KindOf, *, paths: Sequence[str], globs: Sequence[str], exclude_globs: Sequence[str]
) -> list[str]:
    """Where git looks: files in one of the paths that fit one of the globs, and none of the excluded ones.

    Globs choose within folders: a file that is named itself is searched whatever they say. Raises ToolFailure for
    a path that leads nowhere, which git would pass over in silence.
    """
    if missing := [path for path in paths if kind_of(path) is None]:
        raise ToolFailure("TOOL.FAILED", f"There is no {missing[0]!r} in what is searched. Correct `paths`.")
    excluded = [f":(exclude,glob){pattern}" for glob in exclude_globs for pattern in _patterns(glob)]
    if not globs:
        return [*(f":(literal){path}" for path in paths or ["."]), *excluded]
    patterns = [pattern for glob in globs for pattern in _patterns(glob)]
    included: list[str] = []
    for path in paths or [""]:
        if path == "" or kind_of(path) == "folder":
            beginning = _literally(path)
            included += [f":(glob){beginning}{pattern}" for pattern in patterns]
        else:
            included.append(f":(literal){path}")
    return [*included, *excluded]


def _patterns(glob: str) -> list[str]:
    """A glob for files, and for everything in folders that it fits."""
    name = glob.rstrip("/")
    anchored = name if "/" in name else f"**/{name}"
    within = [f"{anchored}/**"]
    return within if glob.endswith("/") else [anchored, *within]


def _literally(path: str) -> str:
    """A folder as the beginning of a glob. The working directory itself is the empty beginning."""
    normal = os.path.normpath(path) if path else "."
    return "" if normal == "." else re.sub(r"([*?\[\\])", r"\\\1", normal) + "/"
