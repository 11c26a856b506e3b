"""What the door answers: the facts that a document became, or why it was put aside. And the way out of quarantine."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from dome_contracts.canonical import digest_bytes
from dome_contracts.schema.knowledge.fact import (
    DocumentSource,
    Fact,
    QuarantineCause,
    QuarantineFact,
    QuarantineResolution,
    ReleaseFact,
)
from dome_contracts.schema.knowledge.fact import Violation as StoredViolation
from dome_contracts.schema.shared.definitions import EvidenceRef
from dome_spec.binding.evidence import location_of
from dome_spec.binding.facts import make_fact
from dome_spec.kernel import Violation

VIOLATIONS_MAX: Final = 64


@dataclass(frozen=True, slots=True)
class Referred:
    """Evidence that a document refers to: where in the document, and where its bytes are."""

    place: str
    digest: str
    location: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """A valid document."""

    family: str
    facts: tuple[Fact, ...]
    evidence: tuple[Referred, ...]
    """What it refers to: it counts once the bytes of all of these are kept."""
    is_dated: bool = True
    """Whether the facts have a time of the document's own; else they have the moment at which it was judged."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A document that is put aside, with everything that is wrong with it."""

    fact: Fact

    @property
    def body(self) -> QuarantineFact:
        """Why, and where the document is."""
        assert isinstance(self.fact.body, QuarantineFact)
        return self.fact.body

    @property
    def cause(self) -> QuarantineCause:
        """Why it was put aside."""
        return self.body.cause


def quarantine(
    document: bytes,
    cause: QuarantineCause,
    found: Iterable[Violation],
    *,
    family: str,
    repository_id: str,
    now: datetime,
    named_family: str = "",
) -> Quarantined:
    """The document put aside. Its bytes have to be kept as evidence, in the form in which they came.

    `named_family` is the one that whoever handed it in named: it is kept, so that trying again asks the same.
    """
    digest = digest_bytes(document)
    distinct = sorted({each.storable() for each in found})[:VIOLATIONS_MAX]
    body = QuarantineFact(
        kind="quarantine",
        cause=cause,
        document=EvidenceRef(digest=digest, location=location_of(digest)),
        violations=[StoredViolation(place=each.place, message=each.message) for each in distinct],
        **({"named_family": named_family} if named_family else {}),
    )
    source = DocumentSource(origin="document", family=family, digest=digest)
    return Quarantined(make_fact(body, source=source, repository_id=repository_id, occur_time=now))


def released(quarantined: Fact, *, document: bytes | None, now: datetime) -> Fact:
    """That a document left the quarantine: as these bytes, or dismissed where there are none."""
    taken_in = None if document is None else digest_bytes(document)
    assert isinstance(quarantined.source, DocumentSource)
    if taken_in is None:
        body = ReleaseFact(kind="release", quarantine=quarantined.fact_id, resolution=QuarantineResolution.DISMISSED)
    else:
        is_same = taken_in == quarantined.source.digest
        body = ReleaseFact(
            kind="release",
            quarantine=quarantined.fact_id,
            resolution=QuarantineResolution.ACCEPTED if is_same else QuarantineResolution.REPAIRED,
            document=taken_in,
        )
    return make_fact(body, source=quarantined.source, repository_id=quarantined.repository_id, occur_time=now)
