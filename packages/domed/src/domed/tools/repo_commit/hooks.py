"""The repository's own hooks around a commit, run as `git commit` runs them, and only where the request says so."""

import errno
import os
import subprocess
from collections.abc import Sequence

from dome_contracts.tool import ToolFailure
from domed.tools.repo_commit.place import Place


def run(place: Place, name: str, arguments: Sequence[bytes], *, index: bytes) -> None:
    """Run a hook if there is one. Its output is the tool's. Raises ToolFailure where it refuses."""
    program = _program(place, name)
    if program is None:
        return
    # What hooks do with git is theirs, as long as it asks nobody.
    silent = {"GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": ":"}
    environment = {**place.git.environment, **silent, "GIT_INDEX_FILE": os.fsdecode(index)}
    command = [program, *arguments]
    exit_code = _call(command, place, environment)
    if exit_code != 0:
        raise ToolFailure(
            "COMMIT.HOOK_REFUSED", f"The hook {name} ended with {exit_code}. Read its output and mend what it names."
        )


def _program(place: Place, name: str) -> bytes | None:
    folder = place.git.ask("rev-parse", "--git-path", f"hooks/{name}", with_hooks=True).line
    program = os.path.join(place.root, folder)
    return program if os.path.isfile(program) and os.access(program, os.X_OK) else None


def _call(command: list[bytes], place: Place, environment: dict[str, str]) -> int:
    nothing = subprocess.DEVNULL
    try:
        return subprocess.call(command, cwd=place.root, env=environment, stdin=nothing, umask=place.git.umask)
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
    # A script without a first line that names its shell.
    shell = [b"/bin/sh", *command]
    return subprocess.call(shell, cwd=place.root, env=environment, stdin=nothing, umask=place.git.umask)
