"""grpcio, the C core behind Python's `grpc`."""

from collections.abc import Iterator
from typing import Any

import grpc

from tests.clients.descriptors import details_of, document_of, message_of, types_of
from tests.clients.foreign_client import TIMEOUT_S, Door, Message, Refused

DETAILS = "grpc-status-details-bin"


class Grpcio:
    """One channel for all calls."""

    def __init__(self, door: Door, *, answer_bytes_max: int) -> None:
        self._metadata = tuple(door.metadata.items())
        options = [("grpc.max_receive_message_length", answer_bytes_max)]
        self._channel = grpc.insecure_channel(door.target, options)

    def close(self) -> None:
        """Leave the daemon."""
        self._channel.close()

    def call(self, service: str, method: str, request: Message) -> Message:
        asked, answered = types_of(service, method)
        call: Any = self._channel.unary_unary(
            f"/{service}/{method}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=answered.FromString,
        )
        try:
            return document_of(call(message_of(asked, request), timeout=TIMEOUT_S, metadata=self._metadata))
        except grpc.RpcError as error:
            raise _refused(error) from error

    def stream(self, service: str, method: str, request: Message) -> Iterator[Message]:
        asked, answered = types_of(service, method)
        call: Any = self._channel.unary_stream(
            f"/{service}/{method}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=answered.FromString,
        )
        answers = call(message_of(asked, request), timeout=TIMEOUT_S, metadata=self._metadata)
        try:
            for answer in answers:
                yield document_of(answer)
        except grpc.RpcError as error:
            raise _refused(error) from error
        finally:
            answers.cancel()


def _refused(error: Any) -> Refused:
    return Refused(error.code().name, details_of(dict(error.trailing_metadata()).get(DETAILS, b"")))
