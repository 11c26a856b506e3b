"""Starts the tools that gates stand on, from the environment that runs the gates. Reads no answers."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ci.gates.finding import GateFailed

TIMEOUT_S: Final = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """How a tool ended and what it wrote."""

    code: int
    out: str
    err: str


def ask(argv: Sequence[str], tree: Path, *, environment: Mapping[str, str] | None = None) -> Answer:
    """Run one tool in `tree` with `environment` added. Raises GateFailed if it is missing or does not end."""
    programs = str(Path(sys.executable).parent)
    path = f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    try:
        done = subprocess.run(
            argv,
            cwd=tree,
            env={**os.environ, "PATH": path, "NO_COLOR": "1", **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=TIMEOUT_S,
        )
    except FileNotFoundError as error:
        raise GateFailed(f"{argv[0]} is not installed; any `./just` recipe sets the environment up") from error
    except subprocess.TimeoutExpired as error:
        raise GateFailed(f"{argv[0]} did not end within {TIMEOUT_S} s") from error
    return Answer(done.returncode, done.stdout, done.stderr)


def python(*arguments: str) -> list[str]:
    """The command line of this interpreter."""
    return [sys.executable, *arguments]
