"""The table of all looks, in the order in which one builds on the other, and the examination that goes through it."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from dome_client.calling import Patience
from dome_client.client import Client
from dome_client.connection import connect, now_s
from dome_client.doctor import daemon, doors, machine, places, programs, store, unit
from dome_client.doctor.finding import Check, Finding, problem, well
from dome_client.doctor.scene import Scene
from dome_client.endpoint import Endpoint
from dome_client.errors import DomeError, EndpointInvalid
from dome_client.service import is_answering, is_waiting

_PATIENCE: Final = Patience(call_timeout_s=5.0, retry_s=1.0)

Look = Callable[[Scene], Iterator[Finding]]

LOOKS: Final[tuple[tuple[str, Look], ...]] = (
    ("client", machine.client),
    ("open files", machine.open_files),
    ("clock", machine.clock),
    ("git", programs.git),
    ("chromium", programs.chromium),
    ("codex", programs.codex),
    ("pytest", programs.pytest),
    ("bubblewrap", machine.bubblewrap),
    ("user namespaces", machine.user_namespaces),
    ("landlock", machine.landlock),
    ("state", places.state),
    ("space", places.space),
    ("state privacy", places.state_privacy),
    ("store", store.version),
    ("instance", store.instance),
    ("configuration", places.configuration),
    ("secrets", places.secrets),
    ("service", unit.service),
    ("linger", unit.linger),
    ("endpoint", doors.endpoint),
    ("socket directory", doors.socket_directory),
    ("socket", doors.socket),
    ("loopback", doors.loopback),
    ("sandbox", doors.sandbox),
)
"""What is looked at whether a daemon runs or not."""
_AT_THE_DOOR: Final = (doors.endpoint, doors.socket_directory, doors.socket, doors.sandbox)
_NOWHERE: Final = Endpoint("", source="nothing", explicit=True)
_MEND: Final = "Mend the name, or leave it out."
ASKED: Final = ("daemon", "interface", "clock", "open files", "effects", "runs", "catalog", "trust")
"""What a daemon that runs is asked for."""


async def examine(
    named_endpoint: str | None, environ: Mapping[str, str], *, directory: str, machine_root: Path = Path("/")
) -> tuple[Check, ...]:
    """All checks. `directory`: where the user is. Changes and starts nothing."""
    try:
        client = connect(named_endpoint, environ=environ, start_on_demand=False, patience=_PATIENCE)
    except EndpointInvalid as error:
        unusable = problem(error.message, why="Nothing can be reached.", repair=error.remedy or _MEND)
        scene = Scene(environ, Path(directory), now_s(), _NOWHERE, machine_root)
        return (*_look_around(scene), Check.of("endpoint", unusable))
    async with client:
        scene = Scene(environ, Path(directory), now_s(), client.endpoint, machine_root)
        checks = _look_around(scene)
        try:
            waiting = is_waiting(scene.endpoint)
        except DomeError as error:
            why = "Whether a daemon runs cannot be told: to look closer may start one."
            return (*checks, Check.of("daemon", problem(error.message, why=why, repair=error.remedy)))
        if waiting:
            idle = well("none runs; systemd listens and starts it when it is needed")
            return (*checks, Check.of("daemon", idle))
        if not is_answering(scene.endpoint):
            return (*checks, *(Check.of("daemon", finding) for finding in daemon.absent(scene)))
        try:
            return (*checks, *[Check.of(name, finding) async for name, finding in _asked(scene, client)])
        except DomeError as error:
            why = "What answers does not speak as a daemon does."
            broken = problem(error.message, why=why, repair=error.remedy or "Find it with `ss -xlp`.")
            return (*checks, Check.of("daemon", broken))


def _look_around(scene: Scene) -> list[Check]:
    usable = scene.endpoint is not _NOWHERE
    looks = [(name, look) for name, look in LOOKS if usable or look not in _AT_THE_DOOR]
    return [Check.of(name, finding) for name, look in looks for finding in look(scene)]


async def _asked(scene: Scene, client: Client) -> AsyncIterator[tuple[str, Finding]]:
    said = await client.capabilities()
    answers = (
        ("daemon", daemon.version(said)),
        ("interface", daemon.interface(said)),
        ("clock", daemon.clock(scene, said)),
        ("open files", daemon.open_files(scene)),
        ("effects", daemon.effects(said.feature_flags)),
        ("runs", daemon.runs(said.feature_flags)),
    )
    for name, findings in answers:
        for finding in findings:
            yield name, finding
    async for name, finding in daemon.catalog(client, scene.directory):
        yield name, finding
