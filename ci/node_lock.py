"""Renews `requirements/node-packages.json`: `just lock-node`.

It holds versions and hashes of all that the named packages need, and no address of any registry. Edit `dependencies`
in it, then run this. Knows npm; what is written is installed by `ci.node`.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ci.node import PACKAGES, documents, get_program
from ci.set_up import SetUpFailed, say

KEPT: Final = ("version", "integrity", "dependencies", "peerDependencies", "peerDependenciesMeta")
"""What npm needs of an entry to install it. Left out: addresses, licences, and what is optional."""


def resolve(dependencies: Mapping[str, str]) -> dict[str, Any]:
    """Every package that these need, by its place. Raises SetUpFailed."""
    root = documents({"dependencies": dependencies, "packages": {}})["package.json"]
    with tempfile.TemporaryDirectory(prefix="dome-node-lock-") as name:
        folder = Path(name)
        (folder / "package.json").write_text(json.dumps(root), encoding="utf-8")
        command = (
            *get_program().npm,
            "install",
            "--prefix",
            folder,
            "--package-lock-only",
            "--ignore-scripts",
            "--no-audit",
        )
        done = subprocess.run(
            [*map(str, command), "--omit-lockfile-registry-resolved"], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise SetUpFailed(f"npm could not resolve the packages:\n{done.stderr}")
        packages = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    needed = {place: entry for place, entry in sorted(packages.items()) if place and not entry.get("optional")}
    return {place: _kept(place, entry) for place, entry in needed.items()}


def _kept(place: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    if "integrity" not in entry:
        raise SetUpFailed(f"{place} has no hash, so it cannot be pinned.")
    return {name: entry[name] for name in KEPT if name in entry}


def text(dependencies: Mapping[str, str], packages: Mapping[str, Any]) -> str:
    """The file: a line for each package."""
    lines = [f"    {json.dumps(place)}: {json.dumps(entry)}" for place, entry in packages.items()]
    named = json.dumps(dependencies, indent=2, sort_keys=True).replace("\n", "\n  ")
    return f'{{\n  "dependencies": {named},\n  "packages": {{\n' + ",\n".join(lines) + "\n  }\n}\n"


def main() -> int:
    """Write it anew."""
    dependencies = json.loads(PACKAGES.read_text(encoding="utf-8"))["dependencies"]
    try:
        written = text(dependencies, resolve(dependencies))
    except SetUpFailed as failure:
        say(str(failure))
        return 1
    if "://" in written:
        say("the file names a place; it holds versions and hashes only.")
        return 1
    PACKAGES.write_text(written, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
