"""The version of this package: said to the daemon, shown by the command. A test holds it to the distribution's."""

from typing import Final

VERSION: Final = "0.0.1"
CLIENT_KEY: Final = "dome-client"
"""Metadata key under which a client says its name and version. (`user-agent` is the transport library's own.)"""
CLIENT_NAME: Final = f"dome-client/{VERSION}"
"""What a client says there that has no name of its own."""
CLIENT_LENGTH_MAX: Final = 128
"""As much of it as a daemon takes down."""
