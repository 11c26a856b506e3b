"""The daemon: whether one runs, and what one that runs says of itself, its machine and its tools."""

import importlib.util
import os
import sys
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from pathlib import Path
from typing import Final

from dome_client.client import Client
from dome_client.doctor.finding import Finding, problem, warning, well
from dome_client.doctor.machine import OPEN_FILES_MIN, SKEW_S_MAX
from dome_client.doctor.scene import Scene
from dome_client.service import FORBIDDEN, find_daemon, last_failure, silent_daemon, why_unreachable
from dome_client.version import VERSION
from dome_contracts.runtime.v1 import (
    CatalogProblem,
    CatalogProblemKind,
    ListCapabilitiesResponse,
    ToolKind,
    ToolSummary,
    ToolTrust,
)

_API_VERSION: Final = "dome.runtime.v1"
_EFFECTS: Final = {"effects.filesystem": "files", "effects.network": "the network"}
_RUNS: Final = {
    "limits.run_memory": "a limit of memory",
    "limits.run_processes": "a limit of processes",
    "run.group": "its end",
}
_NAMED_MAX: Final = 5


def absent(scene: Scene) -> Iterator[Finding]:
    """What follows from there being no daemon."""
    endpoint = scene.endpoint
    error = why_unreachable(endpoint)
    if error is not None and error.errno in FORBIDDEN:
        yield warning(
            f"whether one runs cannot be told from here: {endpoint} may not be opened",
            why="What is said here of the daemon's directories may be true of this shell only.",
            repair="Do what `sandbox` says.",
        )
        return
    left_behind = " (a socket was left behind)" if endpoint.path and os.path.exists(endpoint.path) else ""
    if endpoint.explicit:
        yield problem(
            f"nothing answers at {endpoint}{left_behind}",
            why="An endpoint that was named is never started on demand.",
            repair="Start the daemon there, or leave the name out.",
        )
    elif (silent := silent_daemon(endpoint, scene.environ)) is not None:
        yield warning(
            f"process {silent.pid} is one, and does not answer at {endpoint}",
            why="It begins, or ends, or its socket was removed; until it has ended no other can be started.",
            repair="If that lasts, end it with `dome service stop`: the next command starts another one.",
        )
    elif importlib.util.find_spec("domed") is None:
        yield problem(
            f"none runs, and none is installed for {sys.executable}",
            why="Without it nothing can be run.",
            repair=f"`{sys.executable} -m pip install domed`, or name the socket of one in DOMED_ENDPOINT.",
        )
    elif failure := last_failure(scene.state):
        yield warning(
            f"none runs, and the last one did not start: {failure}",
            why="The next one may fail for the same reason.",
            repair="Mend what it says, then `dome service start`.",
        )
    else:
        yield well(f"none runs{left_behind}; it is started when it is needed")


def version(said: ListCapabilitiesResponse) -> Iterator[Finding]:
    """Whether daemon and client belong together."""
    if said.server_version == VERSION:
        yield well(f"domed {said.server_version} answers")
        return
    yield warning(
        f"domed {said.server_version} answers, this client is {VERSION}",
        why="One of them does not know what the other one can do.",
        repair="Bring both to one version, then `dome service restart`.",
    )


def interface(said: ListCapabilitiesResponse) -> Iterator[Finding]:
    """Whether they speak the same language."""
    if _API_VERSION not in said.api_versions:
        yield problem(
            f"it serves {', '.join(said.api_versions) or 'nothing that has a name'}",
            why=f"This client speaks {_API_VERSION}.",
            repair="Install a daemon of this client's version.",
        )


def clock(scene: Scene, said: ListCapabilitiesResponse) -> Iterator[Finding]:
    """Whether the daemon began before now."""
    if said.start_time is not None and (ahead_s := said.start_time.timestamp() - scene.now_s) > SKEW_S_MAX:
        yield warning(
            f"the daemon began {ahead_s:.0f} s in the future",
            why="The clock was set back while it ran: times of jobs do not follow each other.",
            repair="Set the clock (`timedatectl set-ntp true`), then `dome service restart`.",
        )


def open_files(scene: Scene) -> Iterator[Finding]:
    """What the daemon that runs may have open."""
    found = find_daemon(scene.endpoint, scene.environ)
    limits = "" if found is None else scene.setting(f"proc/{found.pid}/limits")
    allowed = next((line.split()[3] for line in limits.splitlines() if line.startswith("Max open files")), "")
    if allowed.isdecimal() and int(allowed) < OPEN_FILES_MIN:
        yield warning(
            f"the daemon that runs may open {allowed}",
            why="With many followers or many jobs at a time it refuses further ones.",
            repair=f"`ulimit -n {OPEN_FILES_MIN}`, then `dome service restart`; or `dome service install`.",
        )


def effects(flags: Collection[str]) -> Iterator[Finding]:
    """How far the kernel holds tools to what they declare."""
    missing = [what for flag, what in _EFFECTS.items() if flag not in flags]
    if not missing:
        yield well("the kernel holds tools to the files and the network that they declare")
        return
    yield warning(
        f"nothing holds tools to what they declare of {' and '.join(missing)}",
        why="A tool that does more than it says is not stopped; the record of a job says DECLARED, not ENFORCED.",
        repair=_effects_repair(),
    )


def runs(flags: Collection[str]) -> Iterator[Finding]:
    """How far the kernel holds a whole run, with all the processes that it starts."""
    missing = [what for flag, what in _RUNS.items() if flag not in flags]
    if not missing:
        yield well("the kernel holds each run, with all that it starts, in a control group of its own")
        return
    yield warning(
        f"no control group holds a run to {', '.join(missing)}",
        why="Limits of a whole run do not hold then, and survivors are looked for one by one.",
        repair="`dome service install`, whose unit has a control group delegated, on a machine with cgroup v2; in a "
        "container, start it with a writable cgroup.",
    )


def _effects_repair() -> str:
    if sys.platform != "linux":
        return "Only Linux can do this; run tools that you do not trust in a virtual machine."
    return (
        "Do what `bubblewrap`, `user namespaces` and `landlock` say above, then `dome service restart`; where all "
        "three are well, ask whoever runs this container or machine to allow user namespaces and Landlock."
    )


async def catalog(client: Client, directory: Path) -> AsyncIterator[tuple[str, Finding]]:
    """What the catalog has, what it left out and what nobody approved, with the names of the checks."""
    listing = await client.tools(working_directory=str(directory))
    yield "catalog", well(f"{len(listing.tools)} tools and documents")
    for left_out in listing.problems:
        yield "catalog", _left_out(left_out)
    for finding in _untrusted(listing.tools):
        yield "trust", finding


def _left_out(found: CatalogProblem) -> Finding:
    if found.kind is CatalogProblemKind.COLLISION:
        what, why = f"{found.path} is hidden: {found.message}", f"{found.tool_id} is the other one."
        return warning(what, why=why, repair="Rename or remove one; no restart is needed.")
    what, why = f"{found.path} is left out: {found.message}", "What it describes cannot be run."
    return warning(what, why=why, repair="Mend the file; no restart is needed.")


def _untrusted(tools: Sequence[ToolSummary]) -> Iterator[Finding]:
    found = [tool for tool in tools if tool.kind is ToolKind.TOOL and tool.trust is ToolTrust.UNTRUSTED]
    if found:
        names = ", ".join([*(tool.tool_id for tool in found[:_NAMED_MAX]), *(["…"] if found[_NAMED_MAX:] else [])])
        yield warning(
            f"{len(found)} not approved: {names}",
            why="A tool that did not come with the daemon is refused until somebody has looked at it.",
            repair=f"`dome tools trust {found[0].tool_id} --digest {found[0].tool_digest}`",
        )
