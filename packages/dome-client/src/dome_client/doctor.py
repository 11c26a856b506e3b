"""Examines what Dome needs on this machine and says how to repair what is missing. Changes and starts nothing."""

import importlib.util
import os
import shutil
import stat
import sys
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from dome_client.calling import Patience
from dome_client.client import Client
from dome_client.connection import connect
from dome_client.endpoint import Endpoint, state_directory
from dome_client.errors import DomeError, EndpointInvalid
from dome_client.service import DAEMON_PATH, is_answering, is_waiting, last_failure
from dome_client.version import VERSION
from dome_contracts.runtime.v1 import CatalogProblem, CatalogProblemKind, ToolKind, ToolSummary, ToolTrust

_API_VERSION: Final = "dome.runtime.v1"
_REMOTE_FILE_SYSTEMS: Final = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph"})
_HELD: Final = {"effects.filesystem": "files", "effects.network": "the network"}
_NAMED_MAX: Final = 5
_PATIENCE: Final = Patience(call_timeout_s=5.0, retry_s=1.0)


class Verdict(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    verdict: Verdict
    what: str
    """What was found."""
    why: str = ""
    """Why it matters. Empty where all is well."""
    repair: str = ""
    """What to do. Empty where all is well."""


async def examine(named_endpoint: str | None, environ: Mapping[str, str], *, directory: str) -> tuple[Check, ...]:
    """All checks, in the order in which one builds on the other. `directory`: where the user is."""
    checks = [_interpreter(), _git(), *_state_directory(state_directory(environ))]
    try:
        client = connect(named_endpoint, environ=environ, start_on_demand=False, patience=_PATIENCE)
    except EndpointInvalid as error:
        why = "Nothing can be reached."
        return (*checks, Check("endpoint", Verdict.PROBLEM, error.message, why, "Mend the name, or leave it out."))
    async with client:
        endpoint = client.endpoint
        checks += [Check("endpoint", Verdict.OK, f"{endpoint} (from {endpoint.source})"), *_directory_of(endpoint)]
        if is_waiting(endpoint):
            return (*checks, Check("daemon", Verdict.OK, "none runs; systemd listens and starts it when it is needed"))
        if not is_answering(endpoint):
            return (*checks, _not_running(endpoint, state_directory(environ)))
        try:
            return (*checks, *[check async for check in _daemon(client, directory)])
        except DomeError as error:
            why = "What answers does not speak as a daemon does."
            return (*checks, Check("daemon", Verdict.PROBLEM, error.message, why, error.remedy))


def _interpreter() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return Check("client", Verdict.OK, f"dome-client {VERSION} on Python {version} ({sys.executable})")


def _git() -> Check:
    git = shutil.which("git", path=DAEMON_PATH)
    if git is not None:
        return Check("git", Verdict.OK, git)
    return Check(
        "git",
        Verdict.WARNING,
        f"no git in {DAEMON_PATH}",
        why="The record of a job then does not say whether the working tree was changed.",
        repair="Install git for the whole system.",
    )


def _state_directory(directory: Path) -> Iterator[Check]:
    nearest = next(path for path in (directory, *directory.parents) if path.exists())
    kind = _file_system(nearest)
    if not os.access(nearest, os.W_OK | os.X_OK):
        yield Check(
            "state",
            Verdict.PROBLEM,
            f"{nearest} cannot be written to",
            why="The daemon keeps its jobs there and does not start without it.",
            repair=f"`chmod u+rwx {nearest}`, or set XDG_STATE_HOME to a directory of yours.",
        )
    elif kind in _REMOTE_FILE_SYSTEMS:
        yield Check(
            "state",
            Verdict.PROBLEM,
            f"{nearest} is on a network file system ({kind})",
            why="Locks and durable writes do not hold there, so jobs may be lost.",
            repair="Set XDG_STATE_HOME to a directory on a local disk.",
        )
    else:
        yield Check("state", Verdict.OK, f"{directory} on {kind or 'a local file system'}")
    if directory.exists():
        yield from _privacy("state privacy", directory)


def _directory_of(endpoint: Endpoint) -> Iterator[Check]:
    directory = Path(endpoint.path).parent
    if directory.exists():
        yield from _privacy("socket directory", directory)
    if os.path.lexists(endpoint.path) and not stat.S_ISSOCK(os.lstat(endpoint.path).st_mode):
        yield Check(
            "socket",
            Verdict.PROBLEM,
            f"{endpoint.path} is in the way and is no socket",
            why="The daemon replaces nothing that it did not make, so it does not start.",
            repair="Look at it, then remove it.",
        )


def _privacy(name: str, directory: Path) -> Iterator[Check]:
    found = directory.lstat()
    mode = stat.S_IMODE(found.st_mode)
    if stat.S_ISLNK(found.st_mode):
        yield Check(
            name,
            Verdict.PROBLEM,
            f"{directory} is a symbolic link",
            why="The daemon does not follow one there, so it does not start.",
            repair=f"Name the directory that it leads to, {directory.resolve()}, or put a directory in its place.",
        )
    elif found.st_uid != os.getuid():
        yield Check(
            name,
            Verdict.PROBLEM,
            f"{directory} belongs to uid {found.st_uid}",
            why="The daemon does not use what another user can change.",
            repair="Remove it, or choose another directory.",
        )
    elif mode & 0o077:
        yield Check(
            name,
            Verdict.PROBLEM,
            f"{directory} has mode {mode:04o}",
            why="Other users may enter it, so the daemon does not start.",
            repair=f"`chmod 700 {directory}`",
        )
    else:
        yield Check(name, Verdict.OK, f"{directory} is yours alone")


def _not_running(endpoint: Endpoint, state: Path) -> Check:
    left_behind = " (a socket was left behind)" if os.path.exists(endpoint.path) else ""
    if endpoint.explicit:
        return Check(
            "daemon",
            Verdict.PROBLEM,
            f"nothing answers at {endpoint}{left_behind}",
            why="An endpoint that was named is never started on demand.",
            repair="Start the daemon there, or leave the name out.",
        )
    if importlib.util.find_spec("domed") is None:
        return Check(
            "daemon",
            Verdict.PROBLEM,
            f"none runs, and none is installed for {sys.executable}",
            why="Without it nothing can be run.",
            repair=f"`{sys.executable} -m pip install domed`, or install the service.",
        )
    if failure := last_failure(state):
        return Check(
            "daemon",
            Verdict.WARNING,
            f"none runs, and the last one did not start: {failure}",
            why="The next one may fail for the same reason.",
            repair="Mend what it says, then `dome service start`.",
        )
    return Check("daemon", Verdict.OK, f"none runs{left_behind}; it is started when it is needed")


async def _daemon(client: Client, directory: str) -> AsyncIterator[Check]:
    capabilities = await client.capabilities()
    version = capabilities.server_version
    if version == VERSION:
        yield Check("daemon", Verdict.OK, f"domed {version} answers")
    else:
        yield Check(
            "daemon",
            Verdict.WARNING,
            f"domed {version} answers, this client is {VERSION}",
            why="One of them does not know what the other one can do.",
            repair="Bring both to one version, then `dome service restart`.",
        )
    if _API_VERSION not in capabilities.api_versions:
        yield Check(
            "interface",
            Verdict.PROBLEM,
            f"it serves {', '.join(capabilities.api_versions) or 'nothing that has a name'}",
            why=f"This client speaks {_API_VERSION}.",
            repair="Install a daemon of this client's version.",
        )
    yield _effects(capabilities.feature_flags)
    listing = await client.tools(working_directory=directory)
    yield Check("catalog", Verdict.OK, f"{len(listing.tools)} tools and documents")
    for check in (*map(_left_out, listing.problems), *_untrusted(listing.tools)):
        yield check


def _left_out(problem: CatalogProblem) -> Check:
    if problem.kind is CatalogProblemKind.COLLISION:
        what, why = f"{problem.path} is hidden: {problem.message}", f"{problem.tool_id} is the other one."
        return Check("catalog", Verdict.WARNING, what, why, "Rename or remove one; no restart is needed.")
    what, why = f"{problem.path} is left out: {problem.message}", "What it describes cannot be run."
    return Check("catalog", Verdict.WARNING, what, why, "Mend the file; no restart is needed.")


def _untrusted(tools: Sequence[ToolSummary]) -> Iterator[Check]:
    found = [tool for tool in tools if tool.kind is ToolKind.TOOL and tool.trust is ToolTrust.UNTRUSTED]
    if found:
        names = ", ".join([*(tool.tool_id for tool in found[:_NAMED_MAX]), *(["…"] if found[_NAMED_MAX:] else [])])
        why = "A tool that did not come with the daemon is refused until somebody has looked at it."
        repair = f"`dome tools trust {found[0].tool_id} --digest {found[0].tool_digest}`"
        yield Check("trust", Verdict.WARNING, f"{len(found)} not approved: {names}", why, repair)


def _effects(flags: Collection[str]) -> Check:
    """How far the kernel holds tools to what they declare."""
    missing = [what for flag, what in _HELD.items() if flag not in flags]
    if not missing:
        return Check("effects", Verdict.OK, "the kernel holds tools to the files and the network that they declare")
    return Check(
        "effects",
        Verdict.WARNING,
        f"nothing holds tools to what they declare of {' and '.join(missing)}",
        why="A tool that does more than it says is not stopped; the record of a job says DECLARED, not ENFORCED.",
        repair=_effects_repair(),
    )


def _effects_repair() -> str:
    if sys.platform != "linux":
        return "Only Linux can do this; run tools that you do not trust in a virtual machine."
    steps = []
    if shutil.which("bwrap", path=DAEMON_PATH) is None:
        steps.append("install bubblewrap for the whole system (the package `bubblewrap`)")
    if _setting("/proc/sys/user/max_user_namespaces") == "0":
        steps.append("`sysctl user.max_user_namespaces=10000`")
    if _setting("/proc/sys/kernel/unprivileged_userns_clone") == "0":
        steps.append("`sysctl kernel.unprivileged_userns_clone=1`")
    if "landlock" not in (_setting("/sys/kernel/security/lsm") or "landlock"):
        steps.append("add `landlock` to `lsm=` on the kernel's command line (Linux 5.13 or later)")
    steps = steps or ["ask whoever runs this container or machine to allow user namespaces and Landlock"]
    return f"To have it held: {'; '.join(steps)}. Then `dome service restart`."


def _setting(path: str) -> str:
    """What the kernel says; empty where it says nothing."""
    try:
        return Path(path).read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _file_system(path: Path) -> str:
    """The type of the file system that holds the path. Empty where the system does not say."""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    real = path.resolve()
    best = ("", "")
    for point, kind in ((line.split(" ")[1], line.split(" ")[2]) for line in mounts):
        holds = real.is_relative_to(point.replace("\\040", " "))
        best = max(best, (point, kind), key=lambda each: len(each[0])) if holds else best
    return best[1]
