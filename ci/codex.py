"""Gets the codex that its end-to-end tests drive: `just codex`. Says where it is.

It lies in `.tools`, in the version and with the hash of `requirements/codex.lock`. It is a program of 360 MB, so only
who wants those tests gets it. Knows uv; starts no codex.
"""

import os
import platform
import re
import shutil
import sys
from pathlib import Path
from typing import Final

from ci.set_up import ROOT, TOOLS, VENV, SetUpFailed, find_uv, run, say

LOCK: Final = ROOT / "requirements" / "codex.lock"
VARIABLE: Final = "DOME_TEST_CODEX"
"""Names another codex than the pinned one, to see whether a newer one still works."""


def version() -> str:
    """The version that the lock names."""
    found = re.search(r"^openai-codex-cli-bin==([0-9.]+)", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise SetUpFailed(f"{LOCK} names no codex.\njust: Restore it with git.")
    return found.group(1)


def place() -> Path:
    """Where the pinned program is, or would be."""
    return TOOLS / f"codex-{version()}" / "codex_cli_bin" / "bin" / "codex"


def find() -> Path | None:
    """The program that tests drive: the one that the environment names, else the pinned one, if it is there.

    Raises SetUpFailed where the environment names something else than a program.
    """
    if named := os.environ.get(VARIABLE, ""):
        if not _is_program(Path(named)):
            raise SetUpFailed(f"{VARIABLE} is {named!r}, which is no program.\njust: Correct it, or unset it.")
        return Path(named)
    return place() if _is_program(place()) else None


def get() -> Path:
    """Install the pinned program where it is not there. Raises SetUpFailed."""
    program = place()
    if _is_program(program):
        return program
    folder = program.parents[2]
    say(f"getting codex {version()} (about 140 MB) into {folder.relative_to(ROOT)}")
    partial = TOOLS / "codex.partial"
    shutil.rmtree(partial, ignore_errors=True)
    run(
        *(find_uv(), "pip", "install", "--quiet", "--python", VENV / "bin" / "python", "--target", partial),
        *("--no-deps", "--only-binary", ":all:", "--require-hashes", "-r", LOCK),
        what="Getting codex",
        remedy=f"There is none for {platform.machine()}, or the download failed: check the network, then run again.",
    )
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
    return program


def _is_program(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def main() -> int:
    """Get it, and print its path."""
    try:
        print(get())
    except SetUpFailed as failure:
        say(str(failure))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
