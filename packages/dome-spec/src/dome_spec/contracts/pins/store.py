"""The folders of pins, `contracts/pins/<bundle>/`, and their migration notes. Moved all at once; decides nothing."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dome_contracts.schema.control.pin import Pin
from dome_spec.contracts.layout import Layout
from dome_spec.contracts.pins import document
from dome_spec.contracts.pins.errors import PinNotFound, PinUnreadable

_STAGED: Final = ".{}.staged"
_PREVIOUS: Final = ".{}.previous"


@dataclass(frozen=True, slots=True)
class Pinned:
    """A pin as it lies there."""

    pin: Pin
    files: Mapping[str, bytes]
    """Every file of its folder but `pin.json`, by path."""


def bundles(layout: Layout) -> list[str]:
    """The bundles that are pinned, ordered."""
    names = (path.parent.name for path in layout.pins.glob(f"*/{document.FILE}"))
    return sorted(name for name in names if not name.startswith("."))


def place(layout: Layout, bundle: str, file: str = document.FILE) -> str:
    """The path of a file of a pin from the root."""
    return (layout.pins / bundle / file).relative_to(layout.root).as_posix()


def load(layout: Layout, bundle: str) -> Pinned:
    """What is pinned. Raises PinNotFound, PinUnreadable."""
    recover(layout, bundle)
    path = layout.pins / bundle / document.FILE
    if bundle not in bundles(layout):
        raise PinNotFound(bundle, bundles(layout))
    pin = document.decode(path.read_bytes(), place(layout, bundle))
    if pin.bundle != bundle:
        what = f"{place(layout, bundle)} is the pin of {pin.bundle!r}"
        raise PinUnreadable(what, f"Let `bundle` be {bundle!r}, or rename the folder.")
    return Pinned(pin, files(layout, bundle))


def files(layout: Layout, bundle: str) -> dict[str, bytes]:
    """Every file of the folder but `pin.json`; none where there is no folder. A link is no file."""
    folder = layout.pins / bundle
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
    named = {path.relative_to(folder).as_posix(): path for path in found}
    return {name: path.read_bytes() for name, path in named.items() if name != document.FILE}


def write(layout: Layout, pin: Pin, contents: Mapping[str, bytes], *, note: tuple[Path, str] | None = None) -> None:
    """Let the folder hold this pin and these files and no others, and a migration note beside it first.

    An interruption leaves the old pin or the new one; between two renames `recover` brings back the old one.
    """
    folder = layout.pins / pin.bundle
    staged, previous = (layout.pins / name.format(pin.bundle) for name in (_STAGED, _PREVIOUS))
    recover(layout, pin.bundle)
    every = {**contents, document.FILE: document.encode(pin)}
    earlier = note[0].read_bytes() if note is not None and note[0].is_file() else None
    try:
        for name, data in every.items():
            _durable(staged / name, data)
        if note is not None:
            _replace(note[0], note[1].encode())
        if folder.exists():
            os.rename(folder, previous)
        os.rename(staged, folder)
    except BaseException:
        recover(layout, pin.bundle)
        if note is not None and earlier is not None:
            _replace(note[0], earlier)
        elif note is not None:
            note[0].unlink(missing_ok=True)
        raise
    shutil.rmtree(previous, ignore_errors=True)


def recover(layout: Layout, bundle: str) -> None:
    """Finish what an interruption left."""
    staged, previous = (layout.pins / name.format(bundle) for name in (_STAGED, _PREVIOUS))
    if previous.exists() and not (layout.pins / bundle).exists():
        os.rename(previous, layout.pins / bundle)
    for left in (staged, previous):
        if left.exists():
            shutil.rmtree(left)


def _replace(path: Path, data: bytes) -> None:
    """A reader sees the old text or the new one."""
    beside = path.with_name(f".{path.name}.staged")
    _durable(beside, data)
    os.replace(beside, path)


def _durable(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
