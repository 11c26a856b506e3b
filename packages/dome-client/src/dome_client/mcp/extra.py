"""The packages that only the bridge needs: what to say where they are missing."""

import sys
from typing import Final

from dome_client.errors import DomeError

EXTRA: Final = "dome-client[mcp]"
_FAILED_PRECONDITION: Final = 9


class ExtraMissing(DomeError):
    """A package of the extra is not installed."""

    def __init__(self, error: ModuleNotFoundError) -> None:
        super().__init__(
            f"`dome mcp` needs the package {error.name!r}, which is not installed for {sys.executable}.",
            grpc_status=_FAILED_PRECONDITION,
            remedy=f"Install it there: {sys.executable} -m pip install '{EXTRA}'",
        )
