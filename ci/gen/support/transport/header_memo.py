"""Header compression that remembers: blocks that come and go with every call are taken apart and made once.

The codes are those of hpack, which is asked whenever there is anything to decide. What it answered is remembered as
long as its table of recent headers stays as it is: until then the same block means the same headers, and the same
headers make the same block.
"""

from collections.abc import Iterable
from typing import Any, Final

from h2.connection import H2Connection
from hpack import Decoder, Encoder
from hpack.struct import HeaderTuple
from hpack.table import HeaderTable

REMEMBERED_MAX: Final = 64
"""Most blocks that are remembered in each direction of a connection."""
BLOCK_BYTES_MAX: Final = 1024
"""A longer block is not remembered."""


def remember_headers(connection: H2Connection) -> None:
    """Have a connection that has neither sent nor received headers remember them."""
    decoder, encoder = MemoDecoder(), MemoEncoder()
    decoder.max_header_list_size = connection.decoder.max_header_list_size
    decoder.max_allowed_table_size = connection.decoder.max_allowed_table_size
    connection.decoder, connection.encoder = decoder, encoder


class _Table(HeaderTable):
    """Forgets, whenever it changes, what was remembered on the grounds of it."""

    def __init__(self) -> None:
        super().__init__()
        self.memo: dict[Any, Any] = {}
        self.changes = 0

    def add(self, name: bytes, value: bytes) -> None:
        self._changed()
        super().add(name, value)

    @property
    def maxsize(self) -> int:
        return super().maxsize

    @maxsize.setter
    def maxsize(self, newmax: int) -> None:
        self._changed()
        HeaderTable.maxsize.__set__(self, newmax)  # type: ignore[attr-defined]

    def remember(self, key: Any, value: Any, *, size: int, changes: int) -> None:
        """Keep an answer that was given while the table was as after so many changes, if it still is."""
        if changes == self.changes and size <= BLOCK_BYTES_MAX and len(self.memo) < REMEMBERED_MAX:
            self.memo[key] = value

    def _changed(self) -> None:
        self.changes += 1
        self.memo.clear()


class MemoDecoder(Decoder):
    """Takes a block apart that it has not seen since its table changed."""

    def __init__(self) -> None:
        super().__init__()
        self.header_table: _Table = _Table()

    def decode(self, data: bytes, raw: bool = False) -> Iterable[HeaderTuple]:  # noqa: FBT001, FBT002 - the library's
        table = self.header_table
        key = (bytes(data), raw, self.max_header_list_size, self.max_allowed_table_size)
        if (known := table.memo.get(key)) is not None:
            return list(known)
        changes = table.changes
        headers = list(super().decode(data, raw))
        table.remember(key, tuple(headers), size=len(data), changes=changes)
        return headers


class MemoEncoder(Encoder):
    """Makes a block of headers that it has not made since its table changed."""

    def __init__(self) -> None:
        super().__init__()
        self.header_table: _Table = _Table()

    def encode(self, headers: Any, huffman: bool = True) -> bytes:  # noqa: FBT001, FBT002 - the library's
        table = self.header_table
        listed = list(headers.items()) if isinstance(headers, dict) else list(headers)
        if isinstance(headers, dict) or table.resized:
            return super().encode(headers if isinstance(headers, dict) else listed, huffman)
        # The class tells whether a header may be kept in tables at all.
        key = (huffman, *((header.__class__, *header) for header in listed))
        if (known := table.memo.get(key)) is not None:
            block: bytes = known
            return block
        changes = table.changes
        block = super().encode(listed, huffman)
        table.remember(key, block, size=len(block), changes=changes)
        return block
