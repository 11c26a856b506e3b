"""Status details on the wire: `google.rpc.Status` from the generated types, without google.protobuf.

Says how details are encoded; which ones an error has is decided in `edge`.
"""

from collections.abc import Sequence
from typing import Any

import betterproto2
from grpclib.const import Status
from grpclib.encoding.base import StatusDetailsCodecBase

from dome_contracts.google import protobuf, rpc
from dome_contracts.message_pool import default_message_pool


class DetailsCodec(StatusDetailsCodecBase):
    """Packs messages into the details of a status, and back. Details of an unknown type stay as `Any`."""

    def encode(self, status: Status, message: str | None, details: Sequence[betterproto2.Message] | None) -> bytes:
        packed = [protobuf.Any.pack(detail, message_pool=default_message_pool) for detail in details or ()]
        return bytes(rpc.Status(code=status.value, message=message or "", details=packed))

    def decode(self, status: Status, message: str | None, data: bytes) -> list[Any]:
        return [_unpacked(packed) for packed in rpc.Status.parse(data).details]


def _unpacked(packed: protobuf.Any) -> Any:
    if packed.type_url not in default_message_pool.url_to_type:
        return packed
    return packed.unpack(message_pool=default_message_pool)
