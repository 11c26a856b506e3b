"""The form in which a fact is kept, and the name of a set of facts, which no order of coming changes."""

from collections.abc import Iterable
from typing import Final

from pydantic import ValidationError

from dome_contracts.canonical import PREFIX, digest, digest_bytes
from dome_contracts.schema.knowledge.fact import Fact
from dome_spec.binding.policy import Rules
from dome_spec.kernel.sqlite import StoreDamaged

_MODULUS: Final = 1 << 256


def fact_bytes(fact: Fact) -> bytes:
    """The fact as JSON, without what is absent: the same bytes for the same fact, however it was made."""
    # The parts by themselves: a union looks through all its kinds for each.
    source, body = (part.model_dump_json(by_alias=True, exclude_none=True) for part in (fact.source, fact.body))
    head = f'"fact_id":"{fact.fact_id}","repository_id":"{fact.repository_id}","occur_time":"{fact.occur_time}"'
    return f'{{"schema_version":"1",{head},"source":{source},"body":{body}}}'.encode()


def read_fact(document: bytes) -> Fact:
    """The fact that stands in a store as these bytes. Raises StoreDamaged."""
    try:
        return Fact.from_json(document)
    except ValidationError as error:
        raise StoreDamaged(
            "A fact of the memory cannot be read",
            why=f"its document begins with {document[:60]!r}",
            hint="`dome memory verify` names it; put the file back from a copy, or move it away and ingest again",
        ) from error


def sum_of(documents: Iterable[bytes], start: int = 0) -> int:
    """The sum of the digests of facts, modulo 2**256: it grows with each fact, and knows no order."""
    total = start
    for each in documents:
        total += int(digest_bytes(each).removeprefix(PREFIX), 16)
    return total % _MODULUS


def parts_digest(fact_count: int, fact_sum: int, rules: Rules) -> str:
    """The name of a snapshot: of its facts, and of the rules of what is derived from them."""
    return digest({"fact_count": fact_count, "fact_sum": f"{fact_sum:064x}", "rules": rules.digest()})
