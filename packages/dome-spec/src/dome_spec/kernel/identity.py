"""Makes ids that sort by time, from the clock and the entropy that are handed in.

What an id looks like says `dome_contracts.ids`. Ids that are digests are made where their parts are known.
"""

import os
from collections.abc import Callable
from typing import Final

from dome_contracts import canonical, ids
from dome_spec.kernel.clock import Clock, micros_of

Entropy = Callable[[int], bytes]
"""Gives so many bytes that nobody can guess."""
system_entropy: Final[Entropy] = os.urandom
_TIME_BYTES: Final = 6


class Ids:
    """A maker of ids. Those that it makes sort in the order in which it made them."""

    def __init__(self, clock: Clock, entropy: Entropy = system_entropy) -> None:
        self._clock = clock
        self._entropy = entropy
        self._last: ids.Body | None = None

    def new(self, prefix: str) -> str:
        """`<prefix>-<body>`: another one with every call."""
        time_ms = micros_of(self._clock.now()) // 1000
        self._last = ids.body(time_ms=time_ms, entropy=self._entropy(ids.ENTROPY_BYTES), after=self._last)
        return f"{prefix}-{self._last}"


def derived_id(prefix: str, source: bytes) -> str:
    """`<prefix>-<body>` from a digest of the source: the same for the same source."""
    digest = bytes.fromhex(canonical.digest_bytes(source).removeprefix(canonical.PREFIX))
    entropy = digest[_TIME_BYTES : _TIME_BYTES + ids.ENTROPY_BYTES]
    return f"{prefix}-{ids.body(time_ms=int.from_bytes(digest[:_TIME_BYTES]), entropy=entropy)}"
