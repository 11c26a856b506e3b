"""Opens the memory of the repository that a command was given in. Knows no verb.

Asking writes nothing: where nothing was ever kept, an empty memory answers.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from dome_spec.binding import EvidenceStore, Memory, Policy, open_memory, repository_policy
from dome_spec.commands.surroundings import Surroundings, here

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.kernel import InfraContext

_LEFT_BEHIND: Final = timedelta(days=1)
"""Age from which on a half-written file has no writer any more."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A memory, and what belongs to it."""

    surroundings: Surroundings
    infra: "InfraContext"
    policy: Policy
    memory: Memory
    evidence: EvidenceStore | None
    """None where nothing was ever kept."""


@contextmanager
def opened_for_asking(console: "Console") -> Iterator[Opened]:
    """The memory as it is. Where there is none, an empty one, and a sentence about it."""
    surroundings = here()
    infra = surroundings.infra()
    policy = repository_policy(infra.root)
    is_there = infra.repository_id is not None and infra.memory_path.exists()
    if not is_there and not console.as_json:
        console.note(f"Nothing is remembered of {infra.root}: `dome memory ingest FILE` begins its memory.")
    memory = open_memory(infra.memory_path if is_there else None, policy)
    try:
        evidence = EvidenceStore(infra.evidence_dir) if is_there else None
        yield Opened(surroundings, infra, policy, memory, evidence)
    finally:
        memory.close()


@contextmanager
def opened_for_keeping() -> Iterator[tuple[Opened, EvidenceStore]]:
    """The memory and its store of evidence, made where there was none."""
    surroundings = here()
    infra = surroundings.infra().mint(surroundings.ids)
    policy = repository_policy(infra.root)
    evidence = EvidenceStore(infra.evidence_dir)
    evidence.sweep(older_than=surroundings.clock.now() - _LEFT_BEHIND)
    memory = open_memory(infra.memory_path, policy)
    try:
        yield Opened(surroundings, infra, policy, memory, evidence), evidence
    finally:
        memory.close()
