"""The way in: the SDK and the `dome` command. Knows the contracts and the socket, nothing behind them.

    async with dome_client.connect() as dome:
        job = await dome.execute("repo.search", {"pattern": "TODO"}, working_directory="/path")
        async for event in dome.events(job.job_id):
            ...

Names are imported when they are first used: the command must start in a moment, and most of what stands behind these
names is needed only for a call.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dome_client.client import Client
    from dome_client.connection import connect
    from dome_client.endpoint import Endpoint
    from dome_client.errors import DaemonUnreachable, DomeError, EndpointInvalid, StartFailed, StreamBroken

__all__ = [
    "Client",
    "DaemonUnreachable",
    "DomeError",
    "Endpoint",
    "EndpointInvalid",
    "StartFailed",
    "StreamBroken",
    "connect",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from dome_client import client, connection, endpoint, errors

    homes = {"Client": client, "Endpoint": endpoint, "connect": connection}
    return getattr(homes.get(name, errors), name)
