"""The way to a Client: resolves the endpoint and ties in starting a daemon on demand.

The one place of the SDK that reads the environment, the clock and chance, where the caller hands none in.
"""

import os
import time
from collections.abc import Mapping

from dome_client.calling import PATIENT, Patience
from dome_client.client import Client
from dome_client.endpoint import resolve
from dome_client.version import CLIENT_LENGTH_MAX
from dome_client.waking import Waking
from dome_contracts import ids


def connect(
    endpoint: str | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    start_on_demand: bool = True,
    patience: Patience = PATIENT,
    client_name: str = "",
) -> Client:
    """A client of the daemon at the endpoint, or of this user's own. It connects with the first call.

    The user's own daemon is started where none runs, unless `start_on_demand` says otherwise. One that was named, here
    or in `DOMED_ENDPOINT`, never is. A stream that lost its daemon waits for the next and starts none.
    `client_name` is what the record of a job says of who asked, such as `my-tool/1.0`: visible ASCII, 128 characters at
    most; this package's name where there is none. Raises EndpointInvalid, and ValueError for a name that none can be.
    """
    if not (client_name.isascii() and client_name.isprintable() and len(client_name) <= CLIENT_LENGTH_MAX):
        raise ValueError(f"client_name {client_name!r}: write visible ASCII, {CLIENT_LENGTH_MAX} characters at most")
    known = os.environ if environ is None else environ
    where = resolve(endpoint, known)

    async def start() -> None:
        from dome_client.service import ensure_running

        await ensure_running(where, known)

    def is_asleep() -> bool:
        from dome_client.service import is_asleep

        return is_asleep(where)

    startable = start_on_demand and not where.explicit
    return Client(
        where,
        make_key=_make_key,
        environ=known,
        start=start if startable else None,
        patience=patience,
        client_name=client_name.strip(),
        waking=None if where.explicit else Waking(is_asleep, may_wake=startable),
    )


def now_s() -> float:
    """The time of day, as seconds since 1970."""
    return time.time()


def _make_key() -> str:
    made = ids.body(time_ms=time.time_ns() // 1_000_000, entropy=os.urandom(ids.ENTROPY_BYTES))
    return ids.idempotency_key(made)
