# @generated from ci/gen/support/documents.py. Do not edit: change the source, then run `just gen`.
"""The schema documents and the descriptor set as they are shipped: what validators and reflection read.

Needs the standard library only; validates nothing itself.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from dome_contracts._index import ROWS

_FOLDER: Final = Path(__file__).parent


class Document(NamedTuple):
    """One schema: where it belongs, the name it is referred to by, and the digest of its canonical form."""

    context: str
    version: str
    family: str
    schema_id: str
    digest: str

    @property
    def path(self) -> Path:
        """The file, byte for byte as in the contracts."""
        return _FOLDER / "jsonschema" / self.context / self.version / f"{self.family}.json"


DOCUMENTS: Final = tuple(Document(*row) for row in ROWS)


class NoSuchDocument(LookupError):
    """This distribution ships no such schema."""


def document(context: str, family: str, *, version: str = "v1") -> Document:
    """The entry of one family. Raises NoSuchDocument."""
    for found in DOCUMENTS:
        if found[:3] == (context, version, family):
            return found
    raise NoSuchDocument(f"no schema {context}/{version}/{family} in this dome_contracts")


def schema_text(context: str, family: str, *, version: str = "v1") -> bytes:
    """The exact bytes of one schema. Raises NoSuchDocument."""
    return document(context, family, version=version).path.read_bytes()


def schema(context: str, family: str, *, version: str = "v1") -> dict[str, Any]:
    """One schema, parsed for the caller alone. Raises NoSuchDocument."""
    return _parsed(schema_text(context, family, version=version))


@cache
def registry(*contexts: str) -> tuple[tuple[str, dict[str, Any]], ...]:
    """The schemas of these contexts (of all, where none is named) with their `$id`s, and the shared definitions.

    For `jsonschema_rs.Registry(documents.registry("runtime"))`. Read, do not change.
    """
    wanted = (*contexts, "shared") if contexts else {found.context for found in DOCUMENTS}
    return tuple((found.schema_id, _parsed(found.path.read_bytes())) for found in DOCUMENTS if found.context in wanted)


def descriptor_set() -> bytes:
    """The encoded `FileDescriptorSet` of all proto packages, imports included, without comments."""
    return (_FOLDER / "descriptors.binpb").read_bytes()


def _parsed(text: bytes) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(text)
    return parsed
