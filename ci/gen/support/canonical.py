"""Canonical JSON bytes (RFC 8785) and `sha256:` digests: the only home of both.

Equal values have equal bytes, whatever the order of their keys. The domain is I-JSON: text without lone
surrogates, integers within ±(2**53 - 1), finite numbers, lists, tuples and mappings with text keys.
Knows nothing of what is digested.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any, Final

import rfc8785

PREFIX: Final = "sha256:"
INTEGER_MAX: Final = 2**53 - 1
_PLAIN: Final = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, sort_keys=True, separators=(",", ":")
)


class NotCanonical(ValueError):
    """The value has no canonical form. The message says which part and why."""


def canonical_bytes(value: Any) -> bytes:
    """The one UTF-8 encoding of a JSON value. Raises NotCanonical outside the domain."""
    try:
        # Of what is plain, `json` makes the same bytes, many times faster.
        return _PLAIN.encode(value).encode() if _is_plain(value) else rfc8785.dumps(value)
    except rfc8785.CanonicalizationError as error:
        raise NotCanonical(f"no canonical JSON: {error}") from error
    except UnicodeEncodeError as error:
        raise NotCanonical(f"no canonical JSON: text with a lone surrogate at {error.start}") from error
    except RecursionError as error:
        raise NotCanonical("no canonical JSON: nested too deeply") from error


def _is_plain(value: Any) -> bool:
    """Whether there is but one way to write it, and one order of its keys: no floats, and no keys beyond ASCII."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is int:
        return abs(int(value)) <= INTEGER_MAX
    if kind is dict:
        for key, each in value.items():  # loops, because this is asked of every part of every document
            if type(key) is not str or not key.isascii() or not _is_plain(each):
                return False
        return True
    return kind in {list, tuple} and all(map(_is_plain, value))


def digest(value: Any) -> str:
    """`sha256:<64 hex>` of the canonical bytes of a JSON value. Raises NotCanonical outside the domain."""
    return digest_bytes(canonical_bytes(value))


def digest_bytes(data: bytes | bytearray | memoryview) -> str:
    """`sha256:<64 hex>` of bytes as they are."""
    return PREFIX + hashlib.sha256(data).hexdigest()


def digest_stream(chunks: Iterable[bytes]) -> str:
    """The digest of the concatenated chunks, without holding them."""
    digester = Digester()
    for chunk in chunks:
        digester.update(chunk)
    return digester.digest()


class Digester:
    """A digest of bytes that arrive over time; it may be asked in between."""

    __slots__ = ("_hash",)

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def update(self, data: bytes | bytearray | memoryview) -> None:
        """Append bytes."""
        self._hash.update(data)

    def digest(self) -> str:
        """`sha256:<64 hex>` of everything appended so far."""
        return PREFIX + self._hash.hexdigest()
