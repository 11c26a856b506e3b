"""Brings an artifact to standard output or into a file. A file appears under its name when it is whole and checked."""

import os
from contextlib import aclosing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from dome_client.errors import DomeError

if TYPE_CHECKING:
    from dome_client.cli.session import Session
    from dome_client.client import Client
    from dome_contracts.runtime.v1 import Artifact

NAMES_SHOWN_MAX: Final = 20
_NOT_FOUND: Final = 5
_ALREADY_EXISTS: Final = 6


class FileUnwritable(Exception):
    """The file cannot be written. The message says why."""


class FileTaken(DomeError):
    """There is a file of that name."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is there already.",
            grpc_status=_ALREADY_EXISTS,
            remedy="Name another file, or replace this one with --force.",
        )


async def artifact_of(dome: "Client", job_id: str, name: str) -> "Artifact":
    """The artifact of a job that has this name. Raises DomeError."""
    artifacts = (await dome.status(job_id)).artifacts
    for found in artifacts:
        if found.name == name:
            return found
    names = ", ".join(each.name for each in artifacts[:NAMES_SHOWN_MAX]) or "none"
    more = f" and {len(artifacts) - NAMES_SHOWN_MAX} more" if len(artifacts) > NAMES_SHOWN_MAX else ""
    raise DomeError(
        f"{job_id} has no artifact {name!r}.",
        grpc_status=_NOT_FOUND,
        reason="ARTIFACT_NOT_FOUND",
        remedy=f"It has: {names}{more}.",
    )


async def write_out(dome: "Client", artifact: "Artifact", session: "Session") -> None:
    """The bytes, to standard output as they come. Raises DomeError where they are not right."""
    async with aclosing(dome.artifact(artifact.digest)) as pieces:
        async for piece in pieces:
            session.data(piece)


async def write_file(dome: "Client", artifact: "Artifact", output: str, *, replaces: bool) -> Path:
    """The bytes, into a file; into a directory under the artifact's name. Raises DomeError, FileUnwritable."""
    path = _target(output, artifact.name)
    if not replaces:
        _check_free(path)
    part = path.with_name(f".{path.name[:200]}.{os.getpid()}.part")
    try:
        with _created(part) as file:
            async with aclosing(dome.artifact(artifact.digest)) as pieces:
                async for piece in pieces:
                    file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        _put(part, path, replaces=replaces)
    except OSError as error:
        raise FileUnwritable(f"{path} cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            os.unlink(part)
    return path


def _target(output: str, name: str) -> Path:
    return Path(output, name) if os.path.isdir(output) else Path(output)


def _check_free(path: Path) -> None:
    if os.path.lexists(path):
        raise FileTaken(path)


def _created(path: Path) -> BinaryIO:
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666), "wb")


def _put(part: Path, path: Path, *, replaces: bool) -> None:
    if replaces:
        os.replace(part, path)
        return
    try:
        os.link(part, path)  # refuses what a rename would replace
    except FileExistsError:
        raise FileTaken(path) from None
