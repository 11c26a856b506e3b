"""The service: whether its files are those of this installation, and what the service manager says of it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dome_client.doctor.finding import Finding, problem, warning, well
from dome_client.doctor.scene import Scene
from dome_client.service import Unit, installed_unit, look_at_unit

_REINSTALL: Final = "`dome service install`, then `dome service restart`."


def service(scene: Scene) -> Iterator[Finding]:
    """Whether the service can start a daemon."""
    if scene.endpoint.explicit:
        return
    unit = look_at_unit(scene.environ, scene.endpoint)
    if unit is None:
        yield well("not installed; the first command starts a daemon by itself")
        return
    faults = list(_faults(unit))
    yield from faults or [well(f"{unit.path} (starts {unit.interpreter})")]


def linger(scene: Scene) -> Iterator[Finding]:
    """Whether the service outlives the last login, where it is installed."""
    if scene.endpoint.explicit or installed_unit(scene.environ) is None:
        return
    name = scene.environ.get("USER") or scene.environ.get("LOGNAME") or str(os.getuid())
    if (scene.machine / "var/lib/systemd/linger" / name).exists():
        yield well("the service stays when you log out")
    else:
        yield well("the service, and its jobs with it, ends with your last login; `loginctl enable-linger` keeps it")


def _faults(unit: Unit) -> Iterator[Finding]:
    if not os.access(unit.interpreter, os.X_OK):
        yield problem(
            f"{unit.path} starts {unit.interpreter}, which is not there",
            why="The environment has moved or is gone, so the service starts nothing.",
            repair=_REINSTALL,
        )
    elif unit.fault:
        yield problem(f"{Path(unit.interpreter)} has no daemon: {unit.fault}", why=_NO_DAEMON, repair=_REINSTALL)
    elif unit.is_outdated:
        yield warning(
            f"{unit.path} was written by another version",
            why="The service lacks what this version of the daemon is meant to run with.",
            repair=_REINSTALL,
        )
    if unit.is_changed:
        yield warning(
            "the files of the service have changed since the manager read them",
            why="It goes by what it read.",
            repair="`systemctl --user daemon-reload`, then `dome service restart`.",
        )
    if unit.has_failed:
        yield problem(
            f"the service has failed: {unit.last_words or unit.result}",
            why="It is not tried again by itself.",
            repair="Mend what it says, then `dome service start`; more is in `journalctl --user --unit domed`.",
        )


_NO_DAEMON: Final = "The service starts that program with `-m domed`."
