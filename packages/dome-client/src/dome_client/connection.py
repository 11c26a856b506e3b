"""The way to a Client: resolves the endpoint and ties in starting a daemon on demand.

The one place of the SDK that reads the environment, the clock and chance, where the caller hands none in.
"""

import os
import time
from collections.abc import Mapping

from dome_client.calling import PATIENT, Patience
from dome_client.client import Client
from dome_client.endpoint import resolve
from dome_contracts import ids


def connect(
    endpoint: str | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    start_on_demand: bool = True,
    patience: Patience = PATIENT,
) -> Client:
    """A client of the daemon at the endpoint, or of this user's own. It connects with the first call.

    The user's own daemon is started where none runs, unless `start_on_demand` says otherwise. One that was named, here
    or in `DOMED_ENDPOINT`, never is.
    Raises EndpointInvalid.
    """
    known = os.environ if environ is None else environ
    where = resolve(endpoint, known)

    async def start() -> None:
        from dome_client.service import ensure_running

        await ensure_running(where, known)

    startable = start_on_demand and not where.explicit
    return Client(where, make_key=_make_key, environ=known, start=start if startable else None, patience=patience)


def now_s() -> float:
    """The time of day, as seconds since 1970."""
    return time.time()


def _make_key() -> str:
    made = ids.body(time_ms=time.time_ns() // 1_000_000, entropy=os.urandom(ids.ENTROPY_BYTES))
    return ids.idempotency_key(made)
