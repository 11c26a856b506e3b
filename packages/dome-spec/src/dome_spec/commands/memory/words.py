"""What verbs of this group say, as lines for people. Decides nothing."""

import json
from collections.abc import Iterator
from typing import Final

from dome_contracts.schema.knowledge.fact import Fact, QuarantineFact
from dome_spec.binding import Quarantined
from dome_spec.commands.memory.identifiers import short
from dome_spec.kernel import DocumentInvalid, Violation

_FAULT_CHARACTERS: Final = 80
_DOCUMENT_CHARACTERS: Final = 4000


def quarantine_row(fact: Fact) -> tuple[str, str, str, str, str]:
    """One line of the list: id, cause, family, when, the first fault."""
    body = _aside(fact)
    family = getattr(fact.source, "family", "")
    return short(fact.fact_id), body.cause.value, family, fact.occur_time, _cut(first_fault(body))


def quarantine_lines(fact: Fact, document: bytes) -> Iterator[str]:
    """Everything about one document that is put aside."""
    body = _aside(fact)
    yield f"id        {fact.fact_id}"
    yield f"cause     {body.cause.value}"
    yield f"family    {getattr(fact.source, 'family', '')}{', as was said' if body.named_family else ''}"
    yield f"when      {fact.occur_time}"
    yield f"document  {body.document.location} ({len(document)} bytes)"
    yield "faults"
    for each in body.violations:
        yield f"  {each.place or '(whole)'}: {each.message}"
    yield "content"
    text = _readable(document)
    for line in text[:_DOCUMENT_CHARACTERS].splitlines():
        yield f"  {line}"
    if len(text) > _DOCUMENT_CHARACTERS:
        yield "  ... `--document` prints all of it"


def first_fault(body: QuarantineFact) -> str:
    """The first thing that is wrong, with its place."""
    first = body.violations[0]
    return f"{first.place}: {first.message}" if first.place else first.message


def refusal_of(answer: Quarantined) -> DocumentInvalid:
    """A document that is still not taken in, as a refusal."""
    found = tuple(Violation(each.place, each.message) for each in answer.body.violations)
    return DocumentInvalid(getattr(answer.fact.source, "family", "document"), found)


def _aside(fact: Fact) -> QuarantineFact:
    if not isinstance(fact.body, QuarantineFact):
        raise TypeError(f"a fact of the kind {fact.body.kind} puts nothing aside")
    return fact.body


def _readable(document: bytes) -> str:
    """Indented where it is JSON; else as it is, without what a terminal would obey."""
    try:
        return json.dumps(json.loads(document), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        text = document.decode("utf-8", errors="backslashreplace")
        return "".join(each if each.isprintable() or each == "\n" else repr(each)[1:-1] for each in text)


def _cut(text: str) -> str:
    return text if len(text) <= _FAULT_CHARACTERS else f"{text[: _FAULT_CHARACTERS - 3]}..."
