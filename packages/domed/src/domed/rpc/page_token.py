"""Pages: how much a page of a listing has, and tokens that say where it goes on, bound to the listing that gave them.

A token is opaque to clients and no secret. It holds a position and a short digest of what it is bound to.
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from betterproto2 import Message

from dome_contracts.canonical import digest
from dome_contracts.wire import encode
from domed.errors import FieldViolation, InvalidRequest

PAGE_SIZE: Final = 100
PAGE_SIZE_MAX: Final = 1000
PAGE_BYTES_MAX: Final = 3 * 1024 * 1024
"""Of the entries of one page: below what gRPC libraries take unless they are told otherwise."""
HEADER_BYTES: Final = 8
"""Tag and length of an entry, and rather more."""
TOKEN_LENGTH_MAX: Final = 2048
_BINDING_LENGTH: Final = 16
M = TypeVar("M", bound=Message)


def page_size(asked: int) -> int:
    """Entries of a page. Raises InvalidRequest."""
    if asked > PAGE_SIZE_MAX:
        raise InvalidRequest([FieldViolation("page_size", f"must be at most {PAGE_SIZE_MAX}")])
    return asked or PAGE_SIZE


def fitting(entries: Sequence[M], *, bytes_max: int = PAGE_BYTES_MAX) -> Sequence[M]:
    """As many of the first entries as a message should hold, at least one if there is one."""
    return entries[: fitting_count([encode(entry) for entry in entries], bytes_max=bytes_max)]


def fitting_count(encoded: Sequence[bytes], *, bytes_max: int = PAGE_BYTES_MAX) -> int:
    """The same for entries in their bytes: how many."""
    size = 0
    for count, entry in enumerate(encoded):
        size += len(entry) + HEADER_BYTES
        if count and size > bytes_max:
            return count
    return len(encoded)


def token(position: str, binding: Mapping[str, Any]) -> str:
    """Goes on after `position`, for a request that is bound to the same."""
    text = json.dumps([_short(binding), position]).encode()
    return base64.urlsafe_b64encode(text).decode("ascii").rstrip("=")


def position(page_token: str, binding: Mapping[str, Any]) -> str:
    """Where the page before ended; empty for the first page. Raises InvalidRequest."""
    if not page_token:
        return ""
    try:
        padded = page_token[:TOKEN_LENGTH_MAX] + "=" * (-len(page_token) % 4)
        bound_to, found = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        found.encode()  # a position is text that has a UTF-8
    except (binascii.Error, ValueError, TypeError, AttributeError, RecursionError):
        raise refused("is none of this daemon's; begin anew without it") from None
    if bound_to != _short(binding):
        raise refused("belongs to another request, or what it lists has changed; begin anew without it")
    return str(found)


def _short(binding: Mapping[str, Any]) -> str:
    return digest(dict(binding)).rpartition(":")[2][:_BINDING_LENGTH]


def refused(problem: str) -> InvalidRequest:
    """The answer to a token that cannot be used."""
    return InvalidRequest([FieldViolation("page_token", problem)])
