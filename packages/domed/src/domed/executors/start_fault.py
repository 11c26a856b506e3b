"""Why a program could not be started: in words, and with the exit code that a shell gives for the same."""

import errno
import os
from pathlib import Path
from typing import Final

from dome_contracts.exit_codes import Exit
from domed.executors.launch import Launch
from domed.executors.port import Invocation

NOT_EXECUTABLE: Final = int(Exit.NOT_EXECUTABLE)
PROGRAM_NOT_FOUND: Final = int(Exit.PROGRAM_NOT_FOUND)


class SpawnError(Exception):
    """The program could not be started. The message says why."""

    def __init__(self, message: str, *, exit_code: int | None = None) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        """What a shell gives for the same; None where it is not the program that is at fault."""


def not_launched(told: Launch, invocation: Invocation) -> SpawnError | None:
    """Why a confined program, which exited, was never started; None where it was."""
    cwd = invocation.scratch if invocation.working_directory is None else invocation.working_directory
    if told.directory_errno:
        error = OSError(told.directory_errno, os.strerror(told.directory_errno), str(cwd))
        return failure(error, program=invocation.argv[0], cwd=cwd)
    if told.exec_errno:
        error = OSError(told.exec_errno, os.strerror(told.exec_errno))
        return failure(error, program=invocation.argv[0], cwd=cwd)
    if not told.held:
        why = told.fault or "what was to hold it ended without a word"
        program = invocation.argv[0]
        return SpawnError(f"The program {program!r} cannot be held to its declared effects and limits: {why}.")
    return None


def failure(error: OSError | ValueError, *, program: str, cwd: Path) -> SpawnError:
    """Of an error at the start of `program` in `cwd`."""
    if isinstance(error, ValueError):
        return SpawnError(f"The program {program!r} cannot be started: {error}.", exit_code=NOT_EXECUTABLE)
    if not cwd.is_dir():
        return SpawnError(f"The working directory {str(cwd)!r} does not exist or is no directory.")
    if error.filename is not None and os.fspath(error.filename) == str(cwd) and program != str(cwd):
        return SpawnError(f"The working directory {str(cwd)!r} cannot be entered: {error.strerror}.")
    message, exit_code = _fault(error, program=program, cwd=cwd)
    return SpawnError(message, exit_code=exit_code)


def _fault(error: OSError, *, program: str, cwd: Path) -> tuple[str, int | None]:
    """What is wrong with the program, and the exit code that a shell gives for it."""
    match error.errno:
        case errno.ENOENT if "/" in program and Path(cwd, program).exists():
            return f"The interpreter that {program!r} names in its first line does not exist.", NOT_EXECUTABLE
        case errno.ENOENT | errno.ENOTDIR:
            return f"The program {program!r} does not exist.", PROGRAM_NOT_FOUND
        case errno.EACCES:
            return f"The program {program!r} is not executable.", NOT_EXECUTABLE
        case errno.ENOEXEC:
            return f"The program {program!r} is in no format that this system executes.", NOT_EXECUTABLE
        case errno.E2BIG:
            return f"The arguments and the environment of {program!r} are too long.", NOT_EXECUTABLE
        case _:
            # Such as a lack of memory or of processes: nothing that the program is at fault for.
            return f"The program {program!r} cannot be started: {error.strerror}.", None
