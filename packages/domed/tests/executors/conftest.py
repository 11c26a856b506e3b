"""Where programs run confined: by each mechanism, as root and as an ordinary user."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from packages.domed.tests.executors.confined_place import NOBODY, OTHER, OWN, OrdinaryUser, Place, an_ordinary_user
from packages.domed.tests.executors.confining import MECHANISMS, of_mechanism


@cache
def missing() -> str:
    """What keeps programs from being run as another user; '' for nothing."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        return "only root, with setpriv, can be another user"
    if subprocess.run(["setpriv", f"--reuid={NOBODY}", "--clear-groups", sys.executable, "-c", ""]).returncode:
        return f"another user cannot run {sys.executable}"
    return ""


@pytest.fixture(scope="session")
def ordinary_user() -> Iterator[OrdinaryUser]:
    if missing():
        pytest.skip(missing())
    with an_ordinary_user() as made:
        yield made


@pytest.fixture(
    params=[
        *((mechanism, OWN) for mechanism in MECHANISMS),
        ("namespaces", OTHER),
        *(pytest.param((mechanism, OTHER), marks=pytest.mark.slow) for mechanism in ("bubblewrap", "landlock")),
    ],
    ids=" as ".join,
)
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    mechanism, user = request.param
    of_mechanism(mechanism)
    other = request.getfixturevalue("ordinary_user") if user == OTHER else None
    # Not below pytest's own directory, which is this user's alone.
    with tempfile.TemporaryDirectory(prefix="domed-confined-") as name:
        root = Path(name)
        for directory in ("work", "scratch", "home", "tool", "run"):
            (root / directory).mkdir()
        (root / "home" / "key").write_text("secret")
        (root / "work" / "file").write_text("text")
        (root / "tool" / "part.sh").write_text("echo own folder")
        for path in (root, *root.rglob("*")):
            os.chown(path, *([NOBODY] * 2 if other else [-1, -1]))
        yield Place(root, mechanism, other)
