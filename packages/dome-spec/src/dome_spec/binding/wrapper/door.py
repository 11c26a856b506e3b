"""Takes documents in: judges them, copies their evidence, and appends what they became. Decides nothing about them.

What a batch became is appended in one transaction, after its evidence is in the store: whatever ends the program, a
document is in the memory with its evidence or not at all, and taking in the same documents again appends nothing twice.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Protocol

from dome_contracts.canonical import digest_bytes
from dome_contracts.schema.knowledge.fact import Fact, QuarantineCause
from dome_spec.binding.evidence import EvidenceDiffers, EvidenceStore, EvidenceTooLarge, location_of
from dome_spec.binding.wrapper.accept import accept
from dome_spec.binding.wrapper.answers import Accepted, Quarantined, Referred, quarantine, released
from dome_spec.binding.wrapper.aside import Facts, document_digest, named_family, put_aside
from dome_spec.binding.wrapper.finding import Finder
from dome_spec.binding.wrapper.lines import Line
from dome_spec.kernel import Clock, Violation

BATCH_LINES: Final = 1000
"""Documents that are appended together."""
DIFFERING_SHOWN_MAX: Final = 20
"""How many facts that differ from what is kept are named."""
BATCH_TIME: Final = timedelta(seconds=1)
"""How long the first one of them waits for the others, as long as any come."""


_OF_THE_DOOR: Final = frozenset({"quarantine", "release"})
"""Kinds that say when a door looked at a document, so that the same one differs each time."""


class Appended(Protocol):
    """How many facts were there before, and the names of those that said something else."""

    @property
    def new(self) -> int: ...
    @property
    def known(self) -> int: ...
    @property
    def differing(self) -> tuple[str, ...]: ...


class FactLog(Facts, Protocol):
    """The part of the memory that is used here."""

    def append(self, facts: Sequence[Fact]) -> Appended:
        """Append what is not there yet, in one transaction."""
        ...


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the documents so far. All of it is committed."""

    documents: int = 0
    accepted: int = 0
    quarantined: int = 0
    facts_new: int = 0
    facts_known: int = 0
    facts_differing: int = 0
    """Facts that are known under their name, and said something else when they were kept: that stays."""
    differing: tuple[str, ...] = ()
    """Names of the first of these."""
    bytes_read: int = 0
    causes: tuple[tuple[str, int], ...] = ()
    """Number of documents put aside by cause, ordered by cause."""


class Door:
    """The door of one repository's memory."""

    def __init__(
        self, memory: FactLog, evidence: EvidenceStore, *, repository_id: str, clock: Clock, finder: Finder
    ) -> None:
        self._memory = memory
        self._evidence = evidence
        self._repository_id = repository_id
        self._clock = clock
        self._finder = finder
        self._present: set[str] = set()
        """Digests of evidence that is known to be in the store."""
        self._aside: dict[str, list[Fact]] | None = None
        """What was put aside when it was first asked for, and since, by the digest of the document."""

    def take(self, lines: Iterable[Line], *, family: str = "") -> Iterator[Taken]:
        """Take the documents in, a batch at a time. Gives what became of all of them after each commit."""
        taken = Taken()
        for batch in self._batches(lines):
            taken = self._append(batch, taken, family)
            yield taken

    def judge(self, document: bytes, *, family: str = "") -> Accepted | Quarantined:
        """What a document becomes, once its evidence is in the store. Appends nothing."""
        now = self._clock.now()
        answer = accept(document, repository_id=self._repository_id, now=now, family=family)
        if isinstance(answer, Quarantined):
            return answer
        missing = [fault for fault in map(self._keep, answer.evidence) if fault is not None]
        if not missing:
            return answer
        return quarantine(
            document,
            QuarantineCause.EVIDENCE_UNRESOLVED,
            missing,
            family=answer.family,
            repository_id=self._repository_id,
            now=now,
            named_family=family,
        )

    def release(self, quarantined: Fact, document: bytes, *, family: str = "") -> Accepted | Quarantined:
        """Take in a document that was put aside, as it is or repaired. One that is still invalid changes nothing.

        It is judged as of the family that is named here, else as of the one that was named when it came.
        """
        answer = self.judge(document, family=family or named_family(quarantined))
        if isinstance(answer, Accepted):
            leaves = released(quarantined, document=document, now=self._clock.now())
            self._memory.append((*answer.facts, leaves))
        return answer

    def dismiss(self, quarantined: Fact) -> Fact:
        """Leave out for good what was put aside. Its bytes stay in the store."""
        leaves = released(quarantined, document=None, now=self._clock.now())
        self._memory.append((leaves,))
        return leaves

    def _batches(self, lines: Iterable[Line]) -> Iterator[list[Line]]:
        """So many lines as may be appended together; fewer where they come slowly."""
        batch: list[Line] = []
        begun = self._clock.now()
        for line in lines:
            begun = begun if batch else self._clock.now()
            batch.append(line)
            if len(batch) >= BATCH_LINES or self._clock.now() - begun >= BATCH_TIME:
                yield batch
                batch = []
        if batch:
            yield batch

    def _append(self, batch: Sequence[Line], before: Taken, family: str) -> Taken:
        facts: list[Fact] = []
        dated: set[str] = set()
        refused: list[bytes] = []
        causes = dict(before.causes)
        for line in batch:
            answer = self.judge(line.document, family=family)
            if isinstance(answer, Quarantined):
                refused.append(line.document)
                if self._aside is not None:
                    self._aside.setdefault(document_digest(answer.fact), [answer.fact])
                causes[answer.cause.value] = causes.get(answer.cause.value, 0) + 1
                facts.append(answer.fact)
            else:
                facts.extend(answer.facts)
                facts.extend(self._leaving(line.document))
                if answer.is_dated:
                    dated |= {each.fact_id for each in answer.facts if each.body.kind not in _OF_THE_DOOR}
        self._evidence.put_all(refused)
        appended = self._memory.append(facts)
        quarantined = sum(causes.values())
        # What has the moment of its coming differs from itself each time, and is the same.
        differing = [each for each in appended.differing if each in dated]
        return replace(
            before,
            documents=before.documents + len(batch),
            accepted=before.documents + len(batch) - quarantined,
            quarantined=quarantined,
            facts_new=before.facts_new + appended.new,
            facts_known=before.facts_known + appended.known,
            facts_differing=before.facts_differing + len(differing),
            differing=(*before.differing, *differing)[:DIFFERING_SHOWN_MAX],
            bytes_read=batch[-1].bytes_read,
            causes=tuple(sorted(causes.items())),
        )

    def _leaving(self, document: bytes) -> list[Fact]:
        """That a document leaves the quarantine by being sent again, where it was put aside before."""
        if self._aside is None:
            self._aside = {}
            for each in put_aside(self._memory):
                self._aside.setdefault(document_digest(each), []).append(each)
        if not self._aside or (digest := digest_bytes(document)) not in self._aside:
            return []
        now = self._clock.now()
        return [released(each, document=document, now=now) for each in self._aside[digest]]

    def _keep(self, wanted: Referred) -> Violation | None:
        """Have the evidence in the store; what is wrong where that cannot be."""
        digest = wanted.digest
        if digest in self._present or self._evidence.has(digest):
            self._present.add(digest)
            return None
        fault = f"there is no evidence {digest} at {wanted.location[:120]}, nor in the store"
        # An export has it where the store has it, whatever the document says.
        for location in (wanted.location, location_of(digest)):
            try:
                found = self._finder.find(location)
                if found is not None:
                    self._evidence.put(found, expect=digest)
                    break
            except (EvidenceDiffers, EvidenceTooLarge) as error:
                fault = f"{location[:120]}: {error.why or error.what}, and it should be {digest}"
            except OSError as error:
                fault = f"{location[:120]} cannot be read: {error.strerror}"
        else:
            return Violation(wanted.place, fault)
        self._present.add(digest)
        return None
