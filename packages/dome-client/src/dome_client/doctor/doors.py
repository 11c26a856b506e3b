"""The way to the daemon: the socket and its directory, the door on TCP, and what keeps this shell from them."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from dome_client.doctor.finding import Finding, problem, warning, well
from dome_client.doctor.places import privacy
from dome_client.doctor.scene import Scene
from dome_client.endpoint import announcement
from dome_client.errors import EndpointInvalid
from dome_client.loopback import read_announcement
from dome_client.service import FORBIDDEN, is_asleep, why_unreachable


def endpoint(scene: Scene) -> Iterator[Finding]:
    """Where this client looks."""
    found = scene.endpoint
    if found.source != "the state directory":
        yield well(f"{found} (from {found.source})")
        return
    yield warning(
        f"{found}, because XDG_RUNTIME_DIR is unset and there is no /run/user/{os.getuid()}",
        why="Programs with another environment look for the daemon elsewhere, and may start a second one.",
        repair="Log in through a session that sets XDG_RUNTIME_DIR, or name the endpoint in DOMED_ENDPOINT everywhere.",
    )


def socket_directory(scene: Scene) -> Iterator[Finding]:
    """Whether nobody else reaches the directory of the socket."""
    directory = Path(scene.endpoint.path).parent
    if scene.endpoint.path and os.path.lexists(directory):
        yield privacy(directory)


def socket(scene: Scene) -> Iterator[Finding]:
    """Whether what is at the place of the socket is one."""
    path = scene.endpoint.path
    if path and os.path.lexists(path) and not stat.S_ISSOCK(os.lstat(path).st_mode):
        yield problem(
            f"{path} is in the way and is no socket",
            why="The daemon replaces nothing that it did not make, so it does not start.",
            repair="Look at it, then remove it.",
        )


def loopback(scene: Scene) -> Iterator[Finding]:
    """Whether the announcement of a door on TCP can be believed, where there is one."""
    file = announcement(scene.environ)
    if not os.path.lexists(file):
        return
    try:
        found = read_announcement(file)
    except EndpointInvalid as error:
        why = "It holds the token for TCP: whoever reads it can run tools as you."
        yield problem(
            error.message, why=why, repair=f"`rm {file}`, then `dome service restart`, which makes a new token."
        )
        return
    yield well(f"{found.endpoint} is announced" if found else "a daemon that was killed announced one; nobody uses it")


def sandbox(scene: Scene) -> Iterator[Finding]:
    """Whether this shell may connect to anything at all."""
    if is_asleep(scene.endpoint) or not (scene.endpoint.tcp or os.path.lexists(scene.endpoint.path)):
        return  # to try it would start the daemon, or nothing is there to be tried
    error = why_unreachable(scene.endpoint)
    if error is None or error.errno not in FORBIDDEN:
        return
    if scene.environ.get("CODEX_SANDBOX_NETWORK_DISABLED") == "1":
        yield problem(
            f"this shell runs in a codex sandbox without network, which forbids {scene.endpoint}, too",
            why="The daemon may run and cannot be reached from here.",
            repair="Let codex use Dome by `dome mcp install codex`, whose bridge runs outside of the sandbox, or run "
            "codex with `-c sandbox_workspace_write.network_access=true`.",
        )
    else:
        yield problem(
            f"{scene.endpoint} may not be opened from here: {error.strerror}",
            why="The daemon may run and cannot be reached from here.",
            repair="It belongs to another user, or a sandbox forbids sockets: run this outside of it.",
        )
