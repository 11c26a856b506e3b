"""The command line of bubblewrap: a view of the machine for one run. Pure; knows its options and no process.

It has no process namespace of its own, so that the run's processes are found and ended as those of any other run.
"""

from collections.abc import Sequence
from typing import Final

from domed.executors.port import Effects

PROGRAM: Final = "bwrap"


def command(
    program: str, effects: Effects, *, write: Sequence[str], directory: str, read: Sequence[str], hidden: Sequence[str]
) -> list[str]:
    """Bubblewrap and its options, to be followed by what it is to start.

    `write`: what can be written to where not everything can. `read`: with no declared reach into the file system, all
    that is there. `directory` is then an empty one.
    """
    view: list[str] = []
    match effects.filesystem:
        case "none":
            view += ["--tmpfs", "/tmp", "--ro-bind", "/proc", "/proc", "--dev", "/dev", "--dir", directory]
            for path in read:
                # The devices and processes of this view are laid already.
                view += [] if path.startswith("/proc/") else ["--ro-bind", path, path]
            view += ["--remount-ro", "/"]
        case "read" | "write" if effects.limits_writes:
            view += ["--ro-bind", "/", "/", "--dev", "/dev"]
        case _:
            view += ["--dev-bind", "/", "/"]
    for path in hidden if effects.filesystem != "none" else ():
        view += ["--perms", "0700", "--tmpfs", path, "--remount-ro", path]
    for path in write if effects.limits_writes else ():
        view += ["--bind", path, path]
    network = ["--unshare-net"] if effects.network == "none" else []
    return [program, "--unshare-user", *network, *view, "--chdir", directory, "--"]
