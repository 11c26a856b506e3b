"""Where a run may write beside its scratch directory, as it stands at its start. Makes what the tool asks to be made.

Blocks: not on the loop.
"""

import os
from pathlib import Path

from domed.executors.port import Invocation
from domed.executors.start_fault import SpawnError


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
