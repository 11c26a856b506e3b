"""Paths and globs of an input as pathspecs of git. Asks the file system only whether a path is a folder."""

import os
import re
from collections.abc import Sequence

from dome_contracts.tool import ToolFailure


def pathspecs(folder: str, *, paths: Sequence[str], globs: Sequence[str], exclude_globs: Sequence[str]) -> list[str]:
    """Where git looks: files in one of the paths that fit one of the globs, and none of the excluded ones.

    Globs choose within folders: a file that is named itself is searched whatever they say. Raises ToolFailure for
    a path that leads nowhere, which git would pass over in silence.
    """
    if missing := [path for path in paths if not os.path.lexists(os.path.join(folder, path))]:
        raise ToolFailure("TOOL.FAILED", f"There is no {missing[0]!r} in the working directory. Correct `paths`.")
    excluded = [f":(exclude,glob){pattern}" for glob in exclude_globs for pattern in _patterns(glob)]
    if not globs:
        return [*(f":(literal){path}" for path in paths or ["."]), *excluded]
    patterns = [pattern for glob in globs for pattern in _patterns(glob)]
    included: list[str] = []
    for path in paths or [""]:
        if os.path.isdir(os.path.join(folder, path)):
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
