"""Judges one document at the door: the same bytes at the same moment have the same answer. Reads and writes nothing."""

from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from dome_contracts.canonical import digest_bytes
from dome_contracts.schema.gates.gate_decision import GateDecision
from dome_contracts.schema.knowledge.evidence_capsule import EvidenceCapsule
from dome_contracts.schema.knowledge.fact import (
    DocumentSource,
    EvidenceGroupFact,
    EvidenceMemberFact,
    Fact,
    FactBody,
    GateFact,
    GuardEvaluationFact,
    QuarantineCause,
    TransitionFact,
)
from dome_contracts.schema.knowledge.guard_evaluation import GuardEvaluation
from dome_contracts.schema.knowledge.transition_record import TransitionRecord
from dome_contracts.schema.knowledge.wrapper_envelope import WrapperEnvelope
from dome_contracts.schema.shared.definitions import Lineage
from dome_spec.binding.facts import fact_id, make_fact
from dome_spec.binding.wrapper import recognition
from dome_spec.binding.wrapper.answers import Accepted, Quarantined, Referred, quarantine
from dome_spec.binding.wrapper.contents import (
    Contents,
    broken_lineages,
    future_times,
    impossible_times,
    spelt,
    unknown_reasons,
)
from dome_spec.binding.wrapper.lines import LINE_BYTES_MAX
from dome_spec.kernel import DocumentAmbiguous, DocumentInvalid, DocumentNotJson, Violation, moment
from dome_spec.kernel.documents import judged, parsed, value_of

BARE: Final = "knowledge/fact"
"""Family that a document is put aside under that claims none."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a document is judged for."""

    document: bytes
    repository_id: str
    now: datetime


class _Refused(Exception):
    """The document is put aside."""

    def __init__(self, cause: QuarantineCause, found: Iterable[Violation], family: str) -> None:
        super().__init__(cause)
        self.cause = cause
        self.found = tuple(found)
        self.family = family


def accept(document: bytes, *, repository_id: str, now: datetime, family: str = "") -> Accepted | Quarantined:
    """The facts that a document is, or what is wrong with it.

    `family` is what the caller knows; else the document is recognised. What it refers to as evidence is not looked for
    here: the caller keeps it before the facts count. Times later than `now` and a tolerance are refused.
    """
    try:
        if len(document) > LINE_BYTES_MAX:
            what = f"{len(document)} bytes, at most {LINE_BYTES_MAX} are taken in one document"
            raise _Refused(QuarantineCause.TOO_LARGE, (Violation("", what),), _storable(family))
        return _accepted(document, _Asked(document, repository_id, now), family)
    except _Refused as refused:
        return quarantine(
            document,
            refused.cause,
            refused.found,
            family=refused.family,
            repository_id=repository_id,
            now=now,
            named_family=family if family in recognition.DOORS else "",
        )


def _accepted(document: bytes, asked: _Asked, family: str) -> Accepted:
    recognised = _recognised(document, family)
    named = recognised.family
    value = _valid(recognised)
    contents = Contents(value)
    _refuse_if(QuarantineCause.SCHEMA_INVALID, impossible_times(contents), named)
    _refuse_if(QuarantineCause.REASON_UNKNOWN, unknown_reasons(contents), named)
    _refuse_if(QuarantineCause.TIME_IN_FUTURE, future_times(contents, asked.now), named)
    _refuse_if(QuarantineCause.LINEAGE_INVALID, broken_lineages(contents), named)
    try:
        # Where nothing was renamed or taken out, the text is the value: reading it is quicker than writing it first.
        is_text = value is recognised.whole and not document.startswith(BOM_UTF8)
        facts = _facts(named, document if is_text else value, asked)
    except DocumentInvalid as error:
        raise _Refused(QuarantineCause.SCHEMA_INVALID, error.violations, named) from error
    referred = tuple(Referred(spelt(at), each["digest"], each["location"]) for at, each in contents.evidence)
    return Accepted(named, facts, referred, is_dated=named != recognition.DECISION)


def _recognised(document: bytes, family: str) -> recognition.Recognised:
    try:
        value = parsed(BARE, document, bytes_max=LINE_BYTES_MAX)
    except DocumentNotJson as error:
        raise _Refused(QuarantineCause.NOT_JSON, error.violations, _storable(family)) from error
    found = recognition.recognise(value, family=family)
    if isinstance(found, recognition.Unknown):
        raise _Refused(QuarantineCause.FAMILY_UNKNOWN, (Violation("", found.message),), _storable(found.claimed))
    return found


def _storable(claimed: str) -> str:
    """The family that a document claims, where that is the name of one."""
    return claimed if recognition.is_family_name(claimed) else BARE


def _valid(recognised: recognition.Recognised) -> Mapping[str, Any]:
    """The document under its own names, once its schema has accepted it."""
    family = recognised.family
    try:
        value: Mapping[str, Any] = judged(family, parsed(family, recognised.document))
    except DocumentAmbiguous as error:
        raise _Refused(QuarantineCause.ALIAS_CONFLICT, error.violations, family) from error
    except DocumentInvalid as error:
        raise _Refused(QuarantineCause.SCHEMA_INVALID, error.violations, family) from error
    return value


def _refuse_if(cause: QuarantineCause, found: Iterable[Violation], family: str) -> None:
    violations = tuple(found)
    if violations:
        raise _Refused(cause, violations, family)


def _facts(family: str, value: Mapping[str, Any] | bytes, asked: _Asked) -> tuple[Fact, ...]:
    match family:
        case recognition.FACT:
            return (_own(value_of(Fact, value), asked.repository_id),)
        case recognition.CAPSULE:
            capsule = value_of(EvidenceCapsule, value)
            _refuse_foreign(capsule.repository_id, asked.repository_id, family)
            bodies: list[FactBody] = [
                EvidenceMemberFact(kind="evidence_member", group_id=capsule.group_id, member=each)
                for each in capsule.members
            ]
            occur_time, lineage = moment(capsule.seal_time), None
        case _:
            body, occur_time, lineage = _single(family, value, asked.now)
            bodies = [body]
    digest = digest_bytes(asked.document)
    if lineage is None:
        source = DocumentSource(origin="document", family=family, digest=digest)
    else:
        source = DocumentSource(origin="document", family=family, digest=digest, lineage=lineage)
    return tuple(
        make_fact(body, source=source, repository_id=asked.repository_id, occur_time=occur_time) for body in bodies
    )


def _single(
    family: str, value: Mapping[str, Any] | bytes, now: datetime
) -> tuple[EvidenceGroupFact | GuardEvaluationFact | TransitionFact | GateFact, datetime, Lineage | None]:
    """The one fact that a document is, when it happened, and what caused it."""
    match family:
        case recognition.WRAPPER:
            wrapper = value_of(WrapperEnvelope, value)
            return EvidenceGroupFact(kind="evidence_group", wrapper=wrapper), moment(wrapper.wrap_time), wrapper.lineage
        case recognition.EVALUATION:
            evaluation = value_of(GuardEvaluation, value)
            body = GuardEvaluationFact(kind="guard_evaluation", evaluation=evaluation)
            return body, moment(evaluation.evaluate_time), None
        case recognition.TRANSITION:
            record = value_of(TransitionRecord, value)
            return TransitionFact(kind="transition", record=record), moment(record.attempt_time), None
        case recognition.DECISION:  # it has no time of its own: the same inputs give the same bytes
            return GateFact(kind="gate", decision=value_of(GateDecision, value)), now, None
        case _:
            raise ValueError(f"no facts are made of {family}")


def _own(fact: Fact, repository_id: str) -> Fact:
    """A fact that was written elsewhere, once it is one of this repository under its own name."""
    _refuse_foreign(fact.repository_id, repository_id, recognition.FACT)
    named = fact_id(fact.source, fact.body)
    if fact.fact_id != named:
        what = f"{fact.fact_id} is not the digest of source and kind, {named}"
        raise _Refused(QuarantineCause.LINEAGE_INVALID, (Violation("/fact_id", what),), recognition.FACT)
    return fact


def _refuse_foreign(found: str, ours: str, family: str) -> None:
    if found != ours:
        what = f"{found} is another repository; the memory is that of {ours}"
        raise _Refused(QuarantineCause.LINEAGE_INVALID, (Violation("/repository_id", what),), family)
