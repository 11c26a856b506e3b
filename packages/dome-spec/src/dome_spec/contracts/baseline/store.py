"""The files of the baseline. Moved all at once: a reader sees the old ones or the new ones. Decides nothing."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from dome_spec.contracts.layout import Layout

_PREVIOUS: Final = ".baseline.previous"
_STAGED: Final = ".baseline.staged"


def write(layout: Layout, files: Mapping[str, bytes | None], *, changelog: str | None) -> None:
    """Put the files (below the baseline; None removes) in their places, and the changelog before them.

    An interruption leaves the old baseline or the new one, except between two renames, which `recover` repairs.
    """
    recover(layout)
    staged = _stage(layout, files)
    if changelog is not None:
        beside = layout.changelog.with_suffix(".md.staged")
        _durable(beside, changelog.encode())
        os.replace(beside, layout.changelog)
    previous = layout.contracts / _PREVIOUS
    try:
        if layout.baseline.exists():
            os.rename(layout.baseline, previous)
        os.rename(staged, layout.baseline)
    except BaseException:
        recover(layout)
        raise
    shutil.rmtree(previous, ignore_errors=True)


def recover(layout: Layout) -> None:
    """Finish what an interruption left: without a baseline the previous one comes back."""
    previous, staged = layout.contracts / _PREVIOUS, layout.contracts / _STAGED
    if previous.exists() and not layout.baseline.exists():
        os.rename(previous, layout.baseline)
    for left in (previous, staged):
        if left.exists():
            shutil.rmtree(left)
    layout.changelog.with_suffix(".md.staged").unlink(missing_ok=True)


def _stage(layout: Layout, files: Mapping[str, bytes | None]) -> Path:
    """A copy of the baseline beside it, with the changes."""
    staged = layout.contracts / _STAGED
    if layout.baseline.exists():
        shutil.copytree(layout.baseline, staged, symlinks=True)
    else:
        staged.mkdir(parents=True)
    for path, data in files.items():
        target = staged / path
        if data is None:
            target.unlink(missing_ok=True)
            _remove_empty(target.parent, staged)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            _durable(target, data)
    return staged


def _remove_empty(folder: Path, top: Path) -> None:
    while folder != top and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _durable(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
