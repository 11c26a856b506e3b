"""Artifacts, and a run that may have some."""

from contextlib import aclosing
from pathlib import Path

from domed.artifacts import Artifacts, KeepLimits, Kept, Workplace
from domed.artifacts.disk import Disk
from domed.executors.port import DeclaredArtifact

LIMITS = KeepLimits(artifact_bytes_max=10**9, artifacts_bytes_max=10**9)


class Bench:
    """Artifacts, and a run that may have some."""

    def __init__(self, root: Path, *, disk: Disk | None = None, total_bytes_max: int = 10**9) -> None:
        self.root = root / "state" / "artifacts"
        self.place = Workplace(root / "work", root / "scratch")
        for directory in (self.place.directory, self.place.scratch, self.root.parent):
            directory.mkdir(exist_ok=True)
        self.artifacts = Artifacts(self.root, total_bytes_max=total_bytes_max, disk=disk)
        self._labels = 0

    def declare(self, name: str, data: bytes) -> DeclaredArtifact:
        (self.place.scratch / name).write_bytes(data)
        return DeclaredArtifact(name, str(self.place.scratch / name), "text/plain")

    async def keep(self, *declared: DeclaredArtifact, limits: KeepLimits = LIMITS) -> Kept:
        self._labels += 1
        return await self.artifacts.keep(declared, self.place, label=f"job-{self._labels}", limits=limits)

    async def read(self, digest: str, offset: int = 0) -> bytes:
        async with aclosing(self.artifacts.read(digest, offset=offset)) as pieces:
            return b"".join([piece async for piece in pieces])

    def files(self) -> set[str]:
        return {str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_file()}

    def shelf(self) -> set[str]:
        return {name for name in self.files() if not name.startswith("incoming/")}


def where(digest: str) -> str:
    digits = digest.removeprefix("sha256:")
    return f"{digits[:2]}/{digits}"
