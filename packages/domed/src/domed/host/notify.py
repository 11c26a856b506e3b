"""Tells a service manager how the daemon is. Without one it does nothing."""

import socket

from domed.telemetry import Log

log = Log("host.notify")


class Notify:
    """Speaks the readiness protocol of systemd. `address` is the value of NOTIFY_SOCKET."""

    def __init__(self, address: str) -> None:
        # A name that begins with @ is in the kernel's abstract namespace, which is written with a NUL.
        self._address = "\0" + address[1:] if address.startswith("@") else address

    def ready(self, status: str) -> None:
        """The daemon answers calls."""
        self._send(f"READY=1\nSTATUS={status}")

    def stopping(self, status: str, *, within_s: float) -> None:
        """The daemon is about to end, and may take that long however little the service manager would give it."""
        self._send(f"STOPPING=1\nEXTEND_TIMEOUT_USEC={int(within_s * 1_000_000)}\nSTATUS={status}")

    def _send(self, text: str) -> None:
        if not self._address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            sender.setblocking(False)  # noqa: FBT003 - it takes its boolean by position only
            try:
                sender.sendto(text.encode(), self._address)
            except OSError as error:
                log.warning("service manager not reached", why=error.strerror)
