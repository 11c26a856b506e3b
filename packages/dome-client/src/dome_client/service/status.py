"""How the daemon at an endpoint stands, in one value. Starts nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dome_client.client import Client
from dome_client.endpoint import Endpoint
from dome_client.service.probe import find_daemon, is_answering, is_waiting


@dataclass(frozen=True, slots=True)
class Status:
    """How the daemon stands."""

    endpoint: Endpoint
    running: bool
    pid: int | None = None
    """None where it cannot be told from here."""
    version: str = ""
    start_time: datetime | None = None


async def daemon_status(client: Client, environ: Mapping[str, str]) -> Status:
    """How the client's daemon stands. Raises DomeError where something answers, and not as a daemon does."""
    endpoint = client.endpoint
    if is_waiting(endpoint) or not is_answering(endpoint):
        return Status(endpoint, running=False)
    capabilities = await client.capabilities()
    daemon = find_daemon(endpoint, environ)  # one that just begins to run is known when it has answered
    return Status(
        endpoint,
        running=True,
        pid=daemon.pid if daemon is not None else None,
        version=capabilities.server_version,
        start_time=capabilities.start_time,
    )
