"""Runs the generators that others wrote, with this environment's programs and one formatting."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ci.gen.tree import GenerationError

TIMEOUT_S: Final = 120
# The generators format with ruff, which looks for its rules upwards from where it runs.
RUFF_RULES: Final = """\
line-length = 120
target-version = "py311"
[lint.isort]
known-first-party = ["dome_contracts"]
"""


def run(argv: Sequence[str], *, folder: Path) -> bytes:
    """Run one program in `folder` and return what it printed. A failure carries the program's own words."""
    (folder / "ruff.toml").write_text(RUFF_RULES)
    programs = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    try:
        done = subprocess.run(argv, cwd=folder, env=environment, capture_output=True, check=False, timeout=TIMEOUT_S)
    except FileNotFoundError as error:
        raise GenerationError(f"{argv[0]} is not installed. Set up the environment again: ./just setup.") from error
    except subprocess.TimeoutExpired as error:
        raise GenerationError(f"{argv[0]} did not end within {TIMEOUT_S} s.") from error
    if done.returncode:
        said = (done.stderr + done.stdout).decode(errors="replace").strip()
        raise GenerationError(f"{' '.join(argv[:2])} failed with {done.returncode}:\n{said}")
    return done.stdout
