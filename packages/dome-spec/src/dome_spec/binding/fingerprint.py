"""The fingerprint: the circumstances under which results compare, in one form, and its digest.

Nothing volatile can enter: the type holds gates, versions and the class of the environment, and is closed.
"""

from functools import lru_cache
from typing import Final

from dome_contracts.canonical import digest
from dome_contracts.schema.knowledge.capsule import FingerprintInput
from dome_contracts.schema.shared.definitions import VersionContext

_KNOWN_MAX: Final = 4_096
_Pairs = tuple[tuple[str, str], ...]


def normalised(given: FingerprintInput) -> FingerprintInput:
    """The one form of equal circumstances: gates sorted and once each, versions without build metadata."""
    versions = given.versions
    return FingerprintInput(
        gates=sorted(set(given.gates)),
        versions=VersionContext(
            tools={tool: _precedence(version) for tool, version in sorted(versions.tools.items())},
            schemas=dict(sorted(versions.schemas.items())),
            environment_class=versions.environment_class,
        ),
    )


def fingerprint_hash(given: FingerprintInput) -> str:
    """The digest of the one form's canonical bytes: equal circumstances, equal digest, in every process."""
    versions = given.versions
    return _hash(
        tuple(given.gates), tuple(versions.tools.items()), tuple(versions.schemas.items()), versions.environment_class
    )


@lru_cache(maxsize=_KNOWN_MAX)
def _hash(gates: tuple[str, ...], tools: _Pairs, schemas: _Pairs, environment_class: str) -> str:
    versions = VersionContext(tools=dict(tools), schemas=dict(schemas), environment_class=environment_class)
    return digest(normalised(FingerprintInput(gates=list(gates), versions=versions)).to_value())


def _precedence(version: str) -> str:
    """A version without what Semantic Versioning leaves out of every comparison."""
    return version.partition("+")[0]
