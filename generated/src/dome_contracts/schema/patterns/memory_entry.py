# @generated from contracts/jsonschema/patterns/v1/memory_entry.json. Do not edit: change the source, then run `just gen`.
"""One thing remembered in one of the layers of memory, with where it came from."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from dome_contracts.schema.base import Contract

from ..shared.definitions import (
    Effector,
    EvidenceRef,
    Lineage,
    Prose,
    RepositoryId,
    RunId,
    Sha256,
    Share,
    Slug,
    TaskKey,
    Timestamp,
)


class MemoryLayer(StrEnum):
    """How high it stands, the highest first: a policy, what is known of a repository, the state of a run, one episode."""

    POLICY = "policy"
    REPOSITORY = "repository"
    RUN = "run"
    EPISODIC = "episodic"


class MemoryAuthority(StrEnum):
    """Whether it may permit something, or only advise."""

    GRANT = "grant"
    ADVISE = "advise"


class MemoryProvenance(Contract):
    """Where an entry came from."""

    model_config = ConfigDict(
        extra="forbid",
    )
    effector: Effector
    """Who wrote it."""
    evidence: Annotated[list[EvidenceRef], Field(max_length=32, min_length=1)]
    """What it rests on."""
    lineage: Lineage | None = None
    """The event that it was drawn from."""


class MemoryEntry(Contract):
    """One thing remembered in one of the layers of memory, with where it came from. Written by people, by runs and by the binder; read by retrieval, which lets higher layers go before lower ones and takes permission from the highest alone."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    layer: MemoryLayer
    key: Slug
    """What it is about. Of entries with one key the highest layer counts."""
    statement: Prose
    """What is remembered, for people and models."""
    value: dict[str, Any] | None = None
    """The same for programs."""
    authority: MemoryAuthority
    task_key: TaskKey | None = None
    """Tasks that it concerns. Left out: all."""
    repository_id: RepositoryId | None = None
    """Repository to which it belongs."""
    run_id: RunId | None = None
    """Run to which it belongs."""
    provenance: MemoryProvenance
    confidence: Share | None = None
    """How far it is to be believed. Left out: as far as its layer."""
    create_time: Timestamp
    expire_time: Timestamp | None = None
    """When it stops counting. Left out: with its repository or run."""
    supersedes: Annotated[list[Sha256] | None, Field(max_length=32)] = None
    """Entries that it replaces, by the digests of their canonical bytes."""
