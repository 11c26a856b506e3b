"""Reads the files of a layer of the doctrine: those that Dome ships, and those of a repository. Judges nothing."""

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from dome_contracts.canonical import digest_bytes
from dome_contracts.schema.governance.governance_context import DoctrineLayer
from dome_spec.governance.doctrine.kinds import KINDS
from dome_spec.governance.doctrine.layers import Origin, Source
from dome_spec.governance.refusals import DoctrineUnreadable
from dome_spec.kernel import FileRefused, read_within, within
from dome_spec.kernel.yaml_text import NotYaml, read_yaml

_SUFFIX: Final = ".yaml"
_FILES_MAX: Final = 2_000


def built_in_sources() -> tuple[Source, ...]:
    """The documents that Dome ships, in the order of their paths."""
    return tuple(_sources(files("dome_spec.governance") / "pack", DoctrineLayer.BUILT_IN))


def project_sources(root: Path, folder: str) -> tuple[Source, ...]:
    """The documents of a repository's doctrine folder, in the order of their paths. Raises DoctrineUnreadable."""
    try:
        found = within(root, folder)
    except (FileNotFoundError, FileRefused) as error:
        found = root / folder
        if isinstance(error, FileRefused):
            raise DoctrineUnreadable(error.what, why=error.why, hint=error.hint) from error
    if not found.is_dir():
        raise DoctrineUnreadable(
            f"{root / folder} is no directory",
            why="the charter names it as the doctrine folder",
            hint="Make it, or mend the charter",
        )
    return tuple(_sources(found, DoctrineLayer.PROJECT, root))


def _sources(pack: Path | Traversable, layer: DoctrineLayer, root: Path | None = None) -> Iterator[Source]:
    """The documents of a pack; of a repository only those that lie in it."""
    for kind, about in KINDS.items():
        folder = pack / about.folder
        if not folder.is_dir():
            continue
        found = sorted((each for each in folder.iterdir() if each.name.endswith(_SUFFIX)), key=lambda each: each.name)
        if len(found) > _FILES_MAX:
            raise DoctrineUnreadable(f"{folder} has {len(found)} files", hint=f"Keep at most {_FILES_MAX}")
        for file in found:
            path = f"{about.folder}/{file.name}"
            shown = path if root is None else f"{path} of the doctrine folder {pack}"
            try:
                data = file.read_bytes() if root is None else read_within(root, str(file))
                value = read_yaml(data)
            except (OSError, FileRefused) as error:
                hint = "Let this user read it, and let it lie in the repository"
                raise DoctrineUnreadable(f"{shown} cannot be read", why=str(error), hint=hint) from error
            except NotYaml as error:
                raise DoctrineUnreadable(f"{shown} is no YAML", why=str(error), hint="Mend the file") from error
            if not isinstance(value, dict):
                raise DoctrineUnreadable(f"{shown} holds no document", hint="Write a mapping of fields to values")
            yield Source(kind=kind, origin=Origin(layer, path, digest_bytes(data)), value=value)
