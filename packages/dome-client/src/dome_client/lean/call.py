"""One call over a Unix socket, waited for without a loop. HTTP/2 is a library's; what gRPC adds to it is here.

Gives the answer, or nothing where anything went otherwise than well: who asks has another way.
"""

import socket
import struct
from dataclasses import dataclass, field
from typing import Final

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.exceptions import H2Error

from dome_client.listener import refuse_foreign
from dome_client.version import CLIENT_KEY, CLIENT_NAME

TIMEOUT_S: Final = 5.0
"""For each wait. It is short, because whoever gets no answer asks once more, and with more patience."""
SERVICE: Final = "/dome.runtime.v1.RuntimeService/"
_RECEIVE_BYTES: Final = 1 << 18
_WINDOW_BYTES: Final = 1 << 22
_PREFIX: Final = struct.Struct(">BI")
"""Of a message: whether it is compressed, and its length."""
_HEADERS: Final = (
    (":method", "POST"),
    (":scheme", "http"),
    (":authority", "localhost"),
    ("te", "trailers"),
    ("content-type", "application/grpc"),
    ("user-agent", CLIENT_NAME),
    (CLIENT_KEY, CLIENT_NAME),
)
_WELL: Final = "0"


def ask(path: str, method: str, request: bytes, *, timeout_s: float = TIMEOUT_S) -> bytes | None:
    """The answer to a call at the socket `path`. None where there is none, whatever the reason.

    Raises ListenerForeign.
    """
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout_s)
            connection.connect(path)
            refuse_foreign(connection, path)
            answer = _exchange(connection, _opening(method, request, timeout_s))
    except (OSError, H2Error):
        return None
    return answer.message()


@dataclass(slots=True)
class _Answer:
    """What came back so far."""

    headers: dict[str, str] = field(default_factory=dict)
    data: bytearray = field(default_factory=bytearray)
    ended: bool = False
    broken: bool = False

    def add(self, event: Event) -> None:
        match event:
            case ResponseReceived() | TrailersReceived():
                self.headers |= {_text(name): _text(value) for name, value in event.headers or ()}
            case DataReceived():
                self.data += event.data or b""
            case StreamEnded():
                self.ended = True
            case StreamReset() | ConnectionTerminated():
                self.broken = True

    def message(self) -> bytes | None:
        """The one message of a call that ended well."""
        if not self.ended or self.headers.get("grpc-status") != _WELL or len(self.data) < _PREFIX.size:
            return None
        compressed, length = _PREFIX.unpack_from(self.data)
        message = bytes(self.data[_PREFIX.size :])
        return None if compressed or len(message) != length else message


def _opening(method: str, request: bytes, timeout_s: float) -> H2Connection:
    """The client's side of a connection that asks one thing."""
    state = H2Connection(H2Configuration(client_side=True, header_encoding="utf-8"))
    state.initiate_connection()
    state.increment_flow_control_window(_WINDOW_BYTES)
    stream = state.get_next_available_stream_id()
    timeout = ("grpc-timeout", f"{int(timeout_s * 1000)}m")
    state.send_headers(stream, [*_HEADERS[:3], (":path", SERVICE + method), *_HEADERS[3:], timeout])
    state.increment_flow_control_window(_WINDOW_BYTES, stream)
    state.send_data(stream, _PREFIX.pack(0, len(request)) + request, end_stream=True)
    return state


def _exchange(connection: socket.socket, state: H2Connection) -> _Answer:
    answer = _Answer()
    while not (answer.ended or answer.broken):
        if outgoing := state.data_to_send():
            connection.sendall(outgoing)
        received = connection.recv(_RECEIVE_BYTES)
        if not received:
            break
        for event in state.receive_data(received):
            answer.add(event)
            if isinstance(event, DataReceived) and event.flow_controlled_length and event.stream_id:
                state.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
    return answer


def _text(value: bytes | str) -> str:
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else value
