"""What the daemon says of itself: versions, contracts, store. Computed once, when it starts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import version

from dome_contracts import documents
from dome_contracts.canonical import digest, digest_bytes


@dataclass(frozen=True, slots=True)
class Identity:
    """One start of one daemon."""

    version: str
    contract_hashes: Mapping[str, str]
    schema_versions: Mapping[str, str]
    executor_backends: Sequence[str]
    store_id: str
    start_time: datetime


@cache
def daemon_version() -> str:
    """Version of this distribution."""
    return version("domed")


def contract_hashes() -> Mapping[str, str]:
    """Digest of each contract bundle: the descriptors of the wire, and the schemas of documents."""
    schemas = {f"{found.context}/{found.version}/{found.family}": found.digest for found in documents.DOCUMENTS}
    return {"jsonschema": digest(schemas), "proto": digest_bytes(documents.descriptor_set())}


def schema_versions() -> Mapping[str, str]:
    """Version of each schema family of the runtime plane."""
    return {
        f"{found.context}/{found.family}": found.version for found in documents.DOCUMENTS if found.context == "runtime"
    }
