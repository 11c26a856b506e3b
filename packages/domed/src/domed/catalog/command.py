"""The command of a manifest: its placeholders, and which files of the tool's folder it names.

`{tool}` stands for the tool's folder, `{python}` for the daemon's interpreter. No shell reads a command.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from domed.catalog.rejection import Rejected

TOOL: Final = "{tool}"
PYTHON: Final = "{python}"
_PLACEHOLDER: Final = re.compile(r"\{[A-Za-z_][A-Za-z0-9_]*\}")


def check(command: Sequence[str], *, manifest: str, from_input: bool) -> None:
    """Raises Rejected for an unknown placeholder, a NUL, or a program that the caller's directory would decide.

    `from_input`: whether the input may name the program, so that the command may be empty.
    """
    if not command and from_input:
        return
    if not command:
        raise Rejected("it names no program. Write the program.", path=manifest, pointers=["/executor/command"])
    for index, argument in enumerate(command):
        where = f"/executor/command/{index}"
        if unknown := [found for found in _PLACEHOLDER.findall(argument) if found not in {TOOL, PYTHON}]:
            raise Rejected(f"{unknown[0]} is no placeholder. Use {TOOL} or {PYTHON}.", path=manifest, pointers=[where])
        if "\0" in argument:
            raise Rejected("an argument holds a NUL, which no program can be given.", path=manifest, pointers=[where])
    program = command[0]
    if "/" in program and not program.startswith(("/", TOOL, PYTHON)):
        raise Rejected(
            f"the program {program!r} would be looked for in the caller's directory. Write {TOOL}/{program}.",
            path=manifest,
            pointers=["/executor/command/0"],
        )


def expand(command: Sequence[str], *, folder: Path, python: str) -> list[str]:
    """Program and arguments with all placeholders replaced."""
    values = {TOOL: str(folder), PYTHON: python}
    return [_PLACEHOLDER.sub(lambda found: values[found.group()], argument) for argument in command]


def named_paths(command: Sequence[str]) -> list[str]:
    """Paths inside the tool's folder that a command names, in order: `{tool}` alone is the folder itself, `.`."""
    found: dict[str, None] = {}
    for argument in command:
        _, separator, rest = argument.rpartition(TOOL)
        if separator:
            found[os.path.normpath("./" + rest.lstrip("/"))] = None
    return list(found)
