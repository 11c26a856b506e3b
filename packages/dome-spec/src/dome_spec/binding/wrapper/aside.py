"""What is put aside at the moment, and how one of it is found. Changes nothing."""

from collections.abc import Iterator
from typing import Final, Protocol

from dome_contracts.canonical import PREFIX
from dome_contracts.exit_codes import Exit
from dome_contracts.schema.knowledge.fact import Fact, QuarantineFact, ReleaseFact
from dome_spec.binding.evidence import EvidenceStore
from dome_spec.kernel import Refusal, micros

_PAGE: Final = 200
_PREFIX_MIN: Final = 4


class NotAside(Refusal):
    """Nothing that is put aside has this id."""

    code = "NOT_IN_QUARANTINE"
    exit_code = Exit.NOT_FOUND


class IdAmbiguous(Refusal):
    """Several things that are put aside have an id that begins so."""

    code = "ID_AMBIGUOUS"
    exit_code = Exit.USAGE


class Facts(Protocol):
    """The part of the memory that is read here."""

    def facts(self, *, kind: str | None = None, after: str = "", limit: int = ...) -> tuple[Fact, ...]:
        """Facts by name, from the one after `after` on."""
        ...


def put_aside(memory: Facts) -> tuple[Fact, ...]:
    """The facts of documents that are put aside and have not left, the latest first."""
    left = {each.body.quarantine for each in _every(memory, "release") if isinstance(each.body, ReleaseFact)}
    staying = [each for each in _every(memory, "quarantine") if each.fact_id not in left]
    return tuple(sorted(staying, key=lambda each: (-micros(each.occur_time), each.fact_id)))


def find_aside(memory: Facts, wanted: str) -> Fact:
    """The one with this id, or the beginning of it. Raises NotAside, IdAmbiguous."""
    beginning = wanted.removeprefix(PREFIX)
    staying = put_aside(memory)
    found = [each for each in staying if each.fact_id.removeprefix(PREFIX).startswith(beginning)]
    if len(beginning) < _PREFIX_MIN or not found:
        raise NotAside(
            f"Nothing that is put aside has the id {wanted!r}",
            why=f"an id has at least {_PREFIX_MIN} characters" if len(beginning) < _PREFIX_MIN else "",
            hint="`dome memory quarantine list` names what is there",
        )
    if len(found) > 1:
        raise IdAmbiguous(
            f"{len(found)} of what is put aside have an id that begins with {wanted!r}", hint="Say more of it"
        )
    return found[0]


def document_of(fact: Fact, evidence: EvidenceStore) -> bytes:
    """The document as it came. Raises EvidenceMissing, EvidenceDamaged."""
    return evidence.read(document_digest(fact))


def document_digest(fact: Fact) -> str:
    """The digest of a document that is put aside."""
    if not isinstance(fact.body, QuarantineFact):
        raise TypeError(f"a fact of the kind {fact.body.kind} puts nothing aside")
    return fact.body.document.digest


def named_family(fact: Fact) -> str:
    """The family that was named when a document came that is put aside; empty where it had to show it."""
    return (fact.body.named_family or "") if isinstance(fact.body, QuarantineFact) else ""


def _every(memory: Facts, kind: str) -> Iterator[Fact]:
    after = ""
    while page := memory.facts(kind=kind, after=after, limit=_PAGE):
        yield from page
        after = page[-1].fact_id
