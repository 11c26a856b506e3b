"""Tells a service manager how the daemon is. Without one it does nothing."""

import socket

from domed.telemetry import Log

log = Log("host.notify")


class Notify:
    """Speaks the readiness protocol of systemd. `address` is the value of NOTIFY_SOCKET."""

    def __init__(self, address: str) -> None:
        # A name that begins with @ is in the kernel's abstract namespace, which is written with a NUL.
        self._address = "\0" + address[1:] if address.startswith("@") else address

    @property
    def is_heard(self) -> bool:
        """Whether there is a service manager."""
        return bool(self._address)

    def starting(self, status: str, *, within_s: float) -> None:
        """The daemon is not ready and may take that long to be, however little the service manager would give it."""
        self._send(f"STATUS={_line(status)}\n{_extension(within_s)}")

    def ready(self, status: str) -> None:
        """The daemon answers calls."""
        self._send(f"READY=1\nSTATUS={_line(status)}")

    def status(self, status: str) -> None:
        """What the daemon does, in a line for people. Also why it cannot start."""
        self._send(f"STATUS={_line(status)}")

    def watchdog(self) -> None:
        """The daemon works at this moment."""
        self._send("WATCHDOG=1")

    def stopping(self, status: str, *, within_s: float) -> None:
        """The daemon is about to end; from here on it says at least every `within_s` that it still needs time."""
        self._send(f"STOPPING=1\nSTATUS={_line(status)}\n{_extension(within_s)}")

    def extend(self, *, within_s: float) -> None:
        """The end, or the start, takes longer. It is over, or this is said again, within that time."""
        self._send(_extension(within_s))

    def _send(self, text: str) -> None:
        if not self._address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            sender.setblocking(False)  # noqa: FBT003 - it takes its boolean by position only
            try:
                sender.sendto(text.encode(errors="surrogateescape"), self._address)
            except OSError as error:
                log.warning("service manager not reached", why=error.strerror)


def _line(status: str) -> str:
    """The protocol has an assignment a line."""
    return "; ".join(status.splitlines())


def _extension(within_s: float) -> str:
    return f"EXTEND_TIMEOUT_USEC={int(within_s * 1_000_000)}"
