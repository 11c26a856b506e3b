"""Whether this process may connect to the daemon's endpoint at all, which a sandbox forbids. Starts nothing."""

import errno
from collections.abc import Mapping
from typing import Final

from dome_client.endpoint import Endpoint
from dome_client.service.probe import is_waiting, why_unreachable

FORBIDDEN: Final = (errno.EPERM, errno.EACCES)


def check_open(endpoint: Endpoint, environ: Mapping[str, str]) -> None:
    """Raises DaemonUnreachable where the system forbids it: whether a daemon runs cannot be told then."""
    error = None if is_waiting(endpoint) else why_unreachable(endpoint)
    if error is not None and error.errno in FORBIDDEN:
        from dome_client.failures import from_exception  # loads what the usual start of a command does without

        raise from_exception(error, endpoint, environ)
