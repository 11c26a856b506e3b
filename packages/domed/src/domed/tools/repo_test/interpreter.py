"""Which Python runs the tests, and in which environment. Starts nothing."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from dome_contracts.failure_reasons import FailureReason
from dome_contracts.tool import CHANNEL_VARIABLE, ToolFailure

ENVIRONMENTS: Final = (".venv", "venv")
REMEDY: Final = "Make the repository's environment with pytest in it, or name another Python with `python`."


def find(folder: Path, environ: Mapping[str, str], *, wanted: str | None) -> Path:
    """The Python that is wanted, else the repository's own, else the one on the PATH. Raises ToolFailure.

    The repository's own is that of `.venv` or `venv` in the folder, or in one above it up to the repository's root.
    """
    if wanted is None:
        return _of_repository(folder) or _on_path("python3", environ)
    return _usable(folder / wanted) if "/" in wanted else _on_path(wanted, environ)


def environment(python: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of the tests: as after activating the Python's virtual environment, and without the channel.

    Compiled modules are not written: the repository stays as it is.
    """
    kept = {name: value for name, value in environ.items() if name != CHANNEL_VARIABLE}
    kept["PYTHONDONTWRITEBYTECODE"] = "1"
    home = python.parent.parent
    if (home / "pyvenv.cfg").is_file():
        kept["VIRTUAL_ENV"] = str(home)
        kept["PATH"] = os.pathsep.join([str(python.parent), *filter(None, [environ.get("PATH")])])
    return kept


def _of_repository(folder: Path) -> Path | None:
    for place in _up_to_root(folder):
        for name in ENVIRONMENTS:
            if os.path.lexists(python := place / name / "bin" / "python"):
                # One that is broken is no reason to take another in silence.
                return _usable(python)
    return None


def _up_to_root(folder: Path) -> list[Path]:
    """The folder and those above it to the root of the repository; the folder alone where there is none."""
    above = [folder, *folder.parents]
    roots = [number for number, place in enumerate(above) if (place / ".git").exists()]
    return above[: roots[0] + 1] if roots else [folder]


def _on_path(name: str, environ: Mapping[str, str]) -> Path:
    if found := shutil.which(name, path=environ.get("PATH")):
        return Path(found)
    raise ToolFailure(FailureReason.TESTS_RUNNER_MISSING, f"There is no {name!r} on the PATH. {REMEDY}")


def _usable(python: Path) -> Path:
    if python.is_file() and os.access(python, os.X_OK):
        return python
    problem = "cannot be run" if os.path.lexists(python) else "does not exist"
    raise ToolFailure(FailureReason.TESTS_RUNNER_MISSING, f"{str(python)!r} {problem}. {REMEDY}")
