"""Where a run may write beside its scratch directory, as it stands at its start. Makes what the tool asks to be made.

Blocks: not on the loop.
"""

import os
from pathlib import Path

from domed.executors.port import Invocation
from domed.executors.start_fault import SpawnError


def identity(path: str) -> tuple[int, int]:
    """Device and inode of what is at a real path. Raises SpawnError where a link has taken a part of it."""
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError as error:
        raise SpawnError(f"{path!r}, where the tool writes, cannot be reached: {error.strerror}.") from error
    try:
        # Where the file is that was opened, by whatever links.
        if os.readlink(f"/proc/self/fd/{descriptor}") != path:
            raise SpawnError(f"A link took the place of {path!r}, where the tool writes.")
        found = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    return found.st_dev, found.st_ino


def places(invocation: Invocation) -> list[str]:
    """The real paths that the tool declares and that are there. Raises SpawnError for one that leads elsewhere.

    A declared path that ends in a slash is made where it is missing. Others that are missing are passed over: what is
    not there cannot be allowed. Nor is anything made in a working directory that has gone: the start says so.
    """
    if not invocation.effects.writes or invocation.working_directory is None:
        # The scratch directory can be written to anyway.
        return []
    root = Path(os.path.realpath(invocation.working_directory))
    if not root.is_dir():
        return []
    found = []
    for declared in invocation.effects.writes:
        # Links are followed first: whoever approved the tool approved what is below the working directory.
        real = Path(os.path.realpath(root / declared))
        if not real.is_relative_to(root):
            raise SpawnError(f"The tool declares that it writes {declared!r}, which leads out of {str(root)!r}.")
        try:
            if declared.endswith("/"):
                real.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SpawnError(f"The directory {declared!r} of the tool cannot be made: {error.strerror}.") from error
        if real.exists():
            found.append(str(real))
    return list(dict.fromkeys(found))
