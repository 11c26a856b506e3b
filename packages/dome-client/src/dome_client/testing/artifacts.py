"""Artifacts of the fake runtime: bytes by their digest."""

from collections.abc import AsyncGenerator

from dome_client.testing.refusal import refusal
from dome_client.testing.script import Produce
from dome_contracts.canonical import digest_bytes
from dome_contracts.runtime.v1 import Artifact

PIECE_BYTES = 64
"""So small that whoever reads meets more than one."""


class FakeArtifacts:
    """What jobs produced."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    async def artifact(self, digest: str, *, offset: int = 0) -> AsyncGenerator[bytes, None]:
        """The bytes of an artifact from `offset` on, in pieces."""
        if digest not in self._kept:
            raise refusal("ARTIFACT_NOT_FOUND", f"There is no artifact {digest!r}.", digest=digest)
        data = self._kept[digest]
        if offset > len(data):
            raise refusal("INVALID_REQUEST", f"offset: lies beyond the end, which is at {len(data)}.", field="offset")
        for start in range(offset, len(data), PIECE_BYTES):
            yield data[start : start + PIECE_BYTES]

    def _keep(self, produced: Produce) -> Artifact:
        digest = digest_bytes(produced.data)
        self._kept[digest] = produced.data
        return Artifact(
            name=produced.name, digest=digest, size_bytes=len(produced.data), media_type=produced.media_type
        )
