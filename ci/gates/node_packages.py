"""The lock of what npm installs for tests: a hash for every package, and no address. A part of the gate on locks."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ci.gates.finding import Finding

PLACE: Final = "requirements/node-packages.json"
REMEDY: Final = "Restore it with git, or run `./just lock-node`."


def check(tree: Path, *, address: re.Pattern[str]) -> Iterator[Finding]:
    """A missing lock, an address, packages without a hash."""
    path = tree / PLACE
    if not path.is_file():
        yield Finding(PLACE, "the lock is missing", REMEDY)
        return
    text = path.read_text(encoding="utf-8")
    if address.search(text):
        yield Finding(PLACE, "the file names a place", REMEDY)
    for name, entry in json.loads(text)["packages"].items():
        if not str(entry.get("integrity", "")).startswith("sha512-"):
            yield Finding(PLACE, f"{name} has no hash", REMEDY)
