"""Renews `requirements/*.lock`: `just lock [--upgrade | --upgrade-package NAME]`.

The locks hold versions and hashes for every supported Python and platform, and no address of any index. The plane
locks are taken from `dev.lock`, so what is tested is what is installed. Knows uv; installs nothing itself.
"""

import subprocess
import sys
from collections.abc import Sequence
from typing import Final

from ci.set_up import MEMBERS, ROOT, find_uv

PYTHON_MIN: Final = "3.11"
MEMBER_NAMES: Final = ("dome-contracts", "domed", "dome-spec", "dome-client")
ALL_MEMBERS: Final = tuple(f"{member}/pyproject.toml" for member in MEMBERS)
FROM_DEV: Final = ("--constraints", "requirements/dev.lock")

# Lock name -> what is compiled into it. `dev` comes before those that are constrained by it.
LOCKS: Final[dict[str, tuple[str, ...]]] = {
    "bootstrap": ("requirements/bootstrap.in",),
    "codex": ("requirements/codex.in",),
    "node": ("requirements/node.in",),
    "dev": ("requirements/dev.in", *ALL_MEMBERS, "--all-extras"),
    "domed": ("packages/domed/pyproject.toml", *FROM_DEV),
    "domed-otel": ("packages/domed/pyproject.toml", "--extra", "otel", *FROM_DEV),
    "spec": ("packages/dome-spec/pyproject.toml", *FROM_DEV),
    "client": ("packages/dome-client/pyproject.toml", *FROM_DEV),
    "client-top": ("packages/dome-client/pyproject.toml", "--extra", "top", *FROM_DEV),
    "client-mcp": ("packages/dome-client/pyproject.toml", "--extra", "mcp", *FROM_DEV),
}


def compile_lock(name: str, sources: Sequence[str], options: Sequence[str]) -> None:
    """Resolve one lock, keeping the versions it already names unless the options ask for others."""
    without_members = [part for member in MEMBER_NAMES for part in ("--no-emit-package", member)]
    subprocess.run(
        [
            *(str(find_uv()), "pip", "compile", "--quiet", "--no-config", "--universal", "--generate-hashes"),
            *("--python-version", PYTHON_MIN, "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"),
            *("--custom-compile-command", "./just lock"),
            *(*without_members, *sources, *options, "--output-file", f"requirements/{name}.lock"),
        ],
        cwd=ROOT,
        check=True,
    )


def places_in(name: str) -> list[str]:
    """The lines of a lock that say where a package comes from; there must be none."""
    lines = (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if "://" in line or "file:" in line or line.startswith(("-", ".", "/"))]


def main() -> int:
    """Compile every lock, then check that none names a place."""
    for name, sources in LOCKS.items():
        compile_lock(name, sources, sys.argv[1:])
    found = {name: places for name in LOCKS if (places := places_in(name))}
    for name, places in found.items():
        print(f"requirements/{name}.lock names a place: {places[0]}. Locks hold versions and hashes only.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
