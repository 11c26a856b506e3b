"""Reads what people keep in a repository: files that lie in it, of bounded size, and nothing that a link leads out to.

Whoever wrote a repository is not whoever runs a command in it: a link to another place, a device or a pipe is refused.
"""

import os
import stat
from pathlib import Path, PurePosixPath
from typing import Final

from dome_contracts.exit_codes import Exit
from dome_spec.kernel.refusal import Refusal

BYTES_MAX: Final = 4 * 1024 * 1024
"""Largest file that is read."""


class FileRefused(Refusal):
    """The path leads out of the repository, or to what is no file of a size that is read."""

    code = "FILE_REFUSED"
    exit_code = Exit.INVALID


def within(root: Path, path: PurePosixPath | str) -> Path:
    """Where a path of the repository leads, links followed. Raises FileRefused, FileNotFoundError."""
    try:
        home = root.resolve(strict=True)
        real = (home / path).resolve(strict=True)
    except FileNotFoundError:
        raise
    except (OSError, RuntimeError) as error:  # links in a circle
        raise FileRefused(f"{path} cannot be read", why=str(error)) from error
    if not real.is_relative_to(home):
        raise FileRefused(
            f"{path} lies outside of the repository", why="a link leads out of it", hint="Keep the file in it"
        )
    return real


def read_within(root: Path, path: PurePosixPath | str, *, bytes_max: int = BYTES_MAX) -> bytes:
    """The bytes of a file of the repository. Raises FileRefused, FileNotFoundError."""
    real = within(root, path)
    try:
        # Not blocking, or opening a pipe would wait for its other end.
        descriptor = os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise FileRefused(f"{path} is no file", hint="Put a file of text there")
            data = file.read(bytes_max + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise FileRefused(f"{path} cannot be read", why=error.strerror or str(error)) from error
    if len(data) > bytes_max:
        raise FileRefused(f"{path} is too large", why=f"at most {bytes_max} bytes are read")
    return data
