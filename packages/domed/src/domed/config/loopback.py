"""Addresses that no other machine reaches."""

from dataclasses import dataclass
from typing import Final, Self

from domed.config.fault import ConfigError

HOSTS: Final = {"127.0.0.1": "127.0.0.1", "[::1]": "::1"}
"""By number: what a name leads to is somebody else's decision."""
PORT_MAX: Final = 65535


@dataclass(frozen=True, slots=True)
class LoopbackAddress:
    """Where to listen for TCP. Port 0 is any that is free."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """`127.0.0.1:PORT` or `[::1]:PORT`. Raises ConfigError for every other address."""
        host, colon, port = text.rpartition(":")
        if host not in HOSTS:
            raise ConfigError(
                f"{text!r} is no loopback address: the daemon serves this machine only. "
                f"Use 127.0.0.1:PORT or [::1]:PORT, and a tunnel of your own from elsewhere"
            )
        if not colon or not (port.isascii() and port.isdecimal()) or int(port) > PORT_MAX:
            raise ConfigError(f"{text!r} has no port: a number up to {PORT_MAX}, or 0 for any that is free")
        return cls(HOSTS[host], int(port))
