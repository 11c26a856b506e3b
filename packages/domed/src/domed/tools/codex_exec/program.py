"""The program: found, and asked for its version. Knows no tasks."""

import asyncio
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from dome_contracts.failure_reasons import FailureReason
from dome_contracts.tool import ToolFailure

VARIABLE: Final = "CODEX_PATH"
NAME: Final = "codex"
OTHER_PLACES: Final = ("~/.local/bin", "/opt/homebrew/bin", "/home/linuxbrew/.linuxbrew/bin")
"""Where it often is, and where the PATH of a daemon does not lead."""
REMEDY: Final = f"Install it (`npm install -g @openai/codex`), or let {VARIABLE} name the program."
VERSION_TIMEOUT_S: Final = 30.0
VERSION_CHARACTERS_MAX: Final = 100
_TOOLS_OWN: Final = ("DOME_CHANNEL_FD", "DOME_TOOL_SH", VARIABLE)


def find(environ: Mapping[str, str]) -> str:
    """The program that CODEX_PATH names, else the first of its name. Raises ToolFailure."""
    path = environ.get("PATH", "")
    if named := environ.get(VARIABLE, ""):
        if (found := shutil.which(named, path=path)) is None:
            raise ToolFailure(FailureReason.CODEX_NOT_FOUND, f"{VARIABLE} is {named!r}: there is no such program.")
        return found
    home = environ.get("HOME", "")
    others = [place.replace("~", home, 1) for place in OTHER_PLACES if home or not place.startswith("~")]
    if (found := shutil.which(NAME, path=os.pathsep.join([path, *others]))) is None:
        raise ToolFailure(FailureReason.CODEX_NOT_FOUND, f"There is no codex on this machine. {REMEDY}")
    return found


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What codex and its shell may see: all that the tool does, but for what the tool alone uses.

    The job's id stays, by which the daemon finds what was started.
    """
    return {name: value for name, value in environ.items() if name not in _TOOLS_OWN}


async def version(program: str, *, environ: Mapping[str, str], folder: Path) -> str:
    """What it says that it is. Raises ToolFailure where it cannot be started, or is no codex."""
    try:
        process = await asyncio.create_subprocess_exec(
            program, "--version", cwd=folder, env=environ,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
    except OSError as error:
        raise ToolFailure(FailureReason.CODEX_NOT_FOUND, f"{program} cannot be started: {error.strerror}.") from None
    try:
        async with asyncio.timeout(VERSION_TIMEOUT_S):
            said, _ = await process.communicate()
    except TimeoutError:
        message = f"`{program} --version` gave no answer within {VERSION_TIMEOUT_S:g} s."
        raise ToolFailure(FailureReason.CODEX_NOT_FOUND, message) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    # An npm package starts it by another program, which may have words of its own first.
    line = said.decode("utf-8", "replace").strip().rpartition("\n")[2][:VERSION_CHARACTERS_MAX]
    if process.returncode != 0 or not line.startswith(NAME):
        raise ToolFailure(FailureReason.CODEX_NOT_FOUND, f"{program} is not codex: it says {line!r}.")
    return line
