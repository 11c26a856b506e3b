# @generated from contracts/jsonschema/control/v1/pin.json. Do not edit: change the source, then run `just gen`.
"""A bundle of contracts that another repository owns, as it is used here: each file by digest, where it came from, and what its words are in ours."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from dome_contracts.schema.base import Contract

from ..shared.definitions import CommitSha, FamilyName, JsonPointer, Prose, RepositoryPath, Sha256, Slug


class PinSourceKind(StrEnum):
    """What the files were taken from: a commit of a repository, or a directory."""

    GIT = "git"
    DIRECTORY = "directory"


class PinSource(Contract):
    """Where the files were taken from."""

    model_config = ConfigDict(
        extra="forbid",
        regex_engine="python-re",
    )
    kind: PinSourceKind
    location: Annotated[str, Field(pattern="^(?![/~\\\\]|[A-Za-z]:[/\\\\]|[Ff][Ii][Ll][Ee]:)[!-~]{1,1024}$")]
    """Name by which everybody finds it: a URL, `owner/name`, or a path relative to the repository. Never an absolute path of one machine."""
    commit: CommitSha | None = None
    """The commit whose files were taken."""
    prefix: RepositoryPath | None = None
    """Folder of the source that the paths in the pin begin at; left out for its root."""


class PinRole(StrEnum):
    """What a file is for: one of the contracts that a consumer needs by name, any other schema, or a document that shows how a schema judges."""

    GUARDRAILS_BUNDLE = "guardrails_bundle"
    REASON_SEMANTICS = "reason_semantics"
    TRANSITION_RECORDS = "transition_records"
    GUARD_RECORDS = "guard_records"
    SCHEMA = "schema"
    FIXTURE = "fixture"


class PinRendering(StrEnum):
    """`copy`: the bytes of the owner. `own`: our own rendering of the same facts."""

    COPY = "copy"
    OWN = "own"


class FixtureVerdict(StrEnum):
    """What the schema says of the document."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


class PinMember(Contract):
    """One file of the pin. Its bytes are fixed by digest, and so are those of the owner that it was made from."""

    model_config = ConfigDict(
        extra="forbid",
    )
    name: Slug
    """Names the file within the pin."""
    role: PinRole
    file: RepositoryPath
    """Where it lies in the folder of the pin."""
    digest: Sha256
    """Digest of its bytes here."""
    rendering: PinRendering
    upstream_path: RepositoryPath | None = None
    """Where its owner has it, from the root of the source."""
    upstream_digest: Sha256 | None = None
    """Digest of the owner's bytes."""
    of: Slug | None = None
    """The member whose schema judges a fixture."""
    expected: FixtureVerdict | None = None


Word = TypeAliasType("Word", Annotated[str, Field(pattern="^[!-~]{1,128}$", title="Word")])
"""A word of a vocabulary."""


class PinnedWords(Contract):
    """A list of words in a member: an `enum` of a schema, or a list in a catalogue."""

    model_config = ConfigDict(
        extra="forbid",
    )
    member: Slug
    """The member that has the list."""
    pointer: JsonPointer
    """Where the list stands in it."""


class OurWords(Contract):
    """A list of words in one of our schemas."""

    model_config = ConfigDict(
        extra="forbid",
    )
    family: FamilyName
    """The family, or `shared/definitions`."""
    pointer: JsonPointer
    """Where the list stands in its schema."""


class PinVocabulary(Contract):
    """Words of the bundle and of ours, in both directions. Where a list is named, its direction has every word of it."""

    model_config = ConfigDict(
        extra="forbid",
    )
    name: Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,63}$")]
    """Names the vocabulary."""
    pinned: PinnedWords | None = None
    """The bundle's words; left out where it allows any text."""
    ours: OurWords | None = None
    """Our words."""
    to_ours: Annotated[dict[Word, Word], Field(max_length=256, min_length=1)]
    """Each word of the bundle with ours."""
    from_ours: Annotated[dict[Word, Word] | None, Field(max_length=256, min_length=1)] = None
    """Each of our words with the bundle's."""
    rationale: Prose
    """Why these words answer to each other, and what is lost."""


class Pin(Contract):
    """A bundle of contracts that another repository owns, as it is used here: each file by digest, where it came from, and what its words are in ours. Written by `dome contracts pin`, reviewed by people; read by the same command and by the gate on pins."""

    model_config = ConfigDict(
        extra="forbid",
    )
    schema_version: Literal["1"]
    """Version of this form."""
    bundle: Slug
    """Names the bundle here; also the folder that the pin lies in."""
    version: Annotated[str, Field(pattern="^[!-~]{1,64}$")]
    """Version of the bundle, as its owner calls it."""
    source: PinSource
    members: Annotated[list[PinMember], Field(max_length=1024, min_length=1)]
    """The files that are pinned, by name in order."""
    vocabularies: Annotated[list[PinVocabulary] | None, Field(max_length=64)] = None
    """What words of the bundle are in our contracts. Kept by people."""
