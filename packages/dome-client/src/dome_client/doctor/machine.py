"""The machine as such: this client, its limits, its clock, and what its kernel offers to hold tools with."""

import resource
import shutil
import sys
from collections.abc import Iterator
from typing import Final

from dome_client.doctor.finding import Finding, warning, well
from dome_client.doctor.scene import Scene
from dome_client.service import DAEMON_PATH
from dome_client.version import VERSION

OPEN_FILES_MIN: Final = 1024
"""Connections, and a few descriptors for each job that runs."""
SKEW_S_MAX: Final = 60.0
_WITHOUT: Final = "A tool that does more than it says is then not stopped, and the record of a job says DECLARED."


def client(_: Scene) -> Iterator[Finding]:
    """Which client this is."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield well(f"dome-client {VERSION} on Python {version} ({sys.executable})")


def open_files(_: Scene) -> Iterator[Finding]:
    """What a daemon that is started from here may have open."""
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if allowed == resource.RLIM_INFINITY or allowed >= OPEN_FILES_MIN:
        yield well(f"a daemon that is started from here may open {allowed}")
        return
    yield warning(
        f"a daemon that is started from here may open {allowed}",
        why="With many followers or many jobs at a time it refuses further ones.",
        repair=f"`ulimit -n {OPEN_FILES_MIN}` (at most {most}), or `dome service install`, whose unit allows more.",
    )


def clock(scene: Scene) -> Iterator[Finding]:
    """Whether the daemon wrote in what is the future by this clock."""
    files = [scene.state / name for name in ("domed.sqlite", "domed.sqlite-wal")]
    newest = max((file.stat().st_mtime for file in files if file.exists()), default=scene.now_s)
    ahead_s = newest - scene.now_s
    if ahead_s <= SKEW_S_MAX:
        yield well("no time of the store lies in the future")
        return
    yield warning(
        f"the store was written {ahead_s:.0f} s in the future",
        why="Jobs are listed by the time of their creation, and what is kept for so long is kept longer.",
        repair="Set the clock (`timedatectl set-ntp true`); if it was ahead before, wait until that time has passed.",
    )


def user_namespaces(scene: Scene) -> Iterator[Finding]:
    """Whether a program can be given a view of its own."""
    steps = []
    if scene.setting("proc/sys/user/max_user_namespaces") == "0":
        steps.append("`sysctl user.max_user_namespaces=10000`")
    if scene.setting("proc/sys/kernel/unprivileged_userns_clone") == "0":
        steps.append("`sysctl kernel.unprivileged_userns_clone=1`")
    if scene.setting("proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1" and not _bubblewrap():
        steps.append("install bubblewrap, which AppArmor lets make them")
    if not steps:
        yield well("nothing that is known forbids them")
        return
    yield warning(
        "the kernel forbids them", why=_WITHOUT, repair=f"{' and '.join(steps)}, then `dome service restart`."
    )


def landlock(scene: Scene) -> Iterator[Finding]:
    """Whether the kernel can hold a program to paths."""
    modules = scene.setting("sys/kernel/security/lsm")
    if not modules:
        yield well("the kernel does not say here which security modules it has")
    elif "landlock" in modules.split(","):
        yield well("the kernel has it")
    else:
        yield warning(
            f"the kernel has {modules}",
            why="What a tool that declares to read nothing may read is then not held.",
            repair="Add `landlock` to `lsm=` on the kernel's command line (Linux 5.13 or later).",
        )


def bubblewrap(_: Scene) -> Iterator[Finding]:
    """Whether the better way to a view of its own is there."""
    yield well(_bubblewrap() or f"not in {DAEMON_PATH}; the launcher of the daemon makes namespaces itself")


def _bubblewrap() -> str:
    return shutil.which("bwrap", path=DAEMON_PATH) or ""
