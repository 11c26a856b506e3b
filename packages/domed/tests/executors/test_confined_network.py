"""A network that a tool did not declare, the kernel refuses: each mechanism, as root and as an ordinary user."""

import os
import select
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from packages.domed.tests.executors.confined_place import BY_VIEW, DECLARED, ENFORCED, TRY, Place, outcomes


@dataclass(frozen=True)
class Doors:
    """Sockets of this machine that a tool might reach."""

    port: int
    stream: socket.socket
    datagram: socket.socket
    abstract: socket.socket

    def knocked(self) -> list[str]:
        """At which of them somebody was."""
        found = []
        for name in ("stream", "datagram", "abstract"):
            door: socket.socket = getattr(self, name)
            if select.select([door], [], [], 0)[0]:
                door.recv(10) if name == "datagram" else door.accept()[0].close()
                found.append(name)
        return found


class TestNetwork:
    REACH = """
def connect(family, kind, address):
    with socket.socket(family, kind) as made:
        made.settimeout(5)
        made.connect(address)
        made.send(b"x")
attempt("loopback", lambda: connect(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", PORT)))
attempt("beyond", lambda: connect(socket.AF_INET, socket.SOCK_STREAM, ("192.0.2.1", 80)))
attempt("datagram", lambda: connect(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", PORT)))
attempt("abstract", lambda: connect(socket.AF_UNIX, socket.SOCK_STREAM, "\\0NAME"))
"""

    @pytest.fixture
    def doors(self) -> Iterator[Doors]:
        with (
            socket.create_server(("127.0.0.1", 0)) as stream,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram,
            socket.socket(socket.AF_UNIX) as abstract,
        ):
            port = stream.getsockname()[1]
            datagram.bind(("127.0.0.1", port))
            abstract.bind(f"\0domed-confined-{os.getpid()}-{port}")
            abstract.listen()
            yield Doors(port, stream, datagram, abstract)

    def reach(self, place: Place, doors: Doors, **effects: Any) -> dict[str, Any]:
        name = f"domed-confined-{os.getpid()}-{doors.port}"
        return place.run(TRY + self.REACH.replace("PORT", str(doors.port)).replace("NAME", name), **effects)

    def test_a_tool_that_declares_no_network_reaches_none(self, place: Place, doors: Doors) -> None:
        told = self.reach(place, doors)
        refused = {name for name, how in outcomes(told).items() if how == "refused"}
        if place.mechanism in BY_VIEW:
            # A datagram may be sent: to the loopback of its own, where nobody listens.
            assert refused >= {"loopback", "beyond", "abstract"}
            assert doors.knocked() == []
            assert told["network"] == ENFORCED
        else:
            # What is held back depends on the version of Landlock; datagrams are not, so nothing is claimed.
            assert told["network"] == DECLARED
            assert told["landlock_abi"] < 4 or "loopback" in refused

    def test_a_tool_may_write_and_still_have_no_network(self, place: Place, doors: Doors) -> None:
        told = self.reach(place, doors, filesystem="write")
        assert told["filesystem"] == DECLARED
        assert told["network"] == (ENFORCED if place.mechanism in BY_VIEW else DECLARED)
        if place.mechanism in BY_VIEW:
            assert doors.knocked() == []
        assert place.run(script="echo x > new; chmod 700 new; mv new ../home", filesystem="write")["stderr"] == ""
        assert (place.root / "home" / "new").exists()

    def test_a_declared_network_is_left_alone(self, place: Place, doors: Doors) -> None:
        for network in ("loopback", "any"):
            told = self.reach(place, doors, network=network)
            assert doors.knocked() == ["stream", "datagram", "abstract"]
            assert told["network"] == DECLARED

    def test_sockets_of_services_are_out_of_reach(self, place: Place) -> None:
        path = place.root / "run" / "service.sock"
        with socket.socket(socket.AF_UNIX) as service:
            service.bind(str(path))
            service.listen()
            path.chmod(0o777)
            act = f"attempt('service', lambda: socket.socket(socket.AF_UNIX).connect({str(path)!r}))"
            assert outcomes(place.run(TRY + act, network="any")) == {"service": "done"}
            if place.mechanism in BY_VIEW:
                hidden = place.run(TRY + act, hide=(path.parent,))
                assert outcomes(hidden) == {"service": "refused"}
