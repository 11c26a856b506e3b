from collections.abc import Iterator
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path
from typing import Literal, get_args

import pytest

from ci import node
from tests.clients.buf_curl import BufCurl
from tests.clients.foreign_client import Door, ForeignClient
from tests.clients.grpc_js import GrpcJs
from tests.clients.grpcio_channel import Grpcio
from tests.e2e.daemon_process import Daemon, a_place

Maker = Literal["buf curl", "grpcio", "grpc-js"]
KEYS = count(1)
USUAL_BYTES_MAX = 4 * 1024 * 1024
"""What libraries of gRPC take where nothing is said."""


def pinned_node() -> node.Node:
    """Node with its packages. Without them the test is skipped, and says how to get them."""
    found = node.find()
    if found is None:
        pytest.skip(f"there is no node {node.version()} with grpc-js: {node.REMEDY}")
    return found


class Clients:
    """Clients of one maker, which leave when the test ends."""

    def __init__(self, maker: Maker, left: ExitStack) -> None:
        self._maker = maker
        self._left = left

    def of(self, door: Door, *, answer_bytes_max: int = USUAL_BYTES_MAX) -> ForeignClient:
        """One at a door. buf cannot be told what to take: it is the usual."""
        if self._maker == "grpc-js":
            return GrpcJs(door, node=pinned_node(), answer_bytes_max=answer_bytes_max)
        if self._maker == "grpcio":
            return self._left.enter_context(closing(Grpcio(door, answer_bytes_max=answer_bytes_max)))
        return BufCurl(door)


@pytest.fixture(scope="session")
def daemon() -> Iterator[Daemon]:
    with a_place() as place:
        place.configure('[endpoint]\ntcp = "127.0.0.1:0"\n')
        made = place.ready()
        yield made
        assert made.stop()[0] == 0


@pytest.fixture(scope="session")
def socket(daemon: Daemon) -> Door:
    return Door(path=str(daemon.place.socket))


@pytest.fixture(scope="session")
def loopback(daemon: Daemon) -> Door:
    endpoint, token = (daemon.place.state / "loopback" / "endpoint").read_text().splitlines()
    return Door(port=int(endpoint.rpartition(":")[2]), token=token)


@pytest.fixture(params=get_args(Maker))
def clients(request: pytest.FixtureRequest) -> Iterator[Clients]:
    with ExitStack() as left:
        yield Clients(request.param, left)


@pytest.fixture(
    params=[
        *("grpcio at socket", "grpcio at loopback", "buf curl at socket", "grpc-js at socket"),
        *(pytest.param(f"{maker} at loopback", marks=pytest.mark.slow) for maker in ("buf curl", "grpc-js")),
    ]
)
def client(request: pytest.FixtureRequest) -> Iterator[ForeignClient]:
    maker, _, door = request.param.partition(" at ")
    with ExitStack() as left:
        yield Clients(maker, left).of(request.getfixturevalue(door))


@pytest.fixture
def large_file(daemon: Daemon) -> Path:
    """A file of more than that, in a folder of its own."""
    folder = daemon.place.work / "large"
    folder.mkdir(exist_ok=True)
    (folder / "file.txt").write_text(f"needle {'x' * 1_000}\n" * 5_000)
    return folder / "file.txt"


@pytest.fixture
def key() -> str:
    """An idempotency key that no other test uses."""
    return f"key-{next(KEYS)}"
