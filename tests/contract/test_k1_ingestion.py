"""K1, ingestion: invalid wrappers are put aside with explicit errors, and a replay stores the same facts."""

import io
import json
import random
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.canonical import digest_bytes
from dome_contracts.schema.knowledge.fact import EvidenceGroupFact, QuarantineFact
from dome_spec.binding import Door, EvidenceStore, Memory, Nowhere, default_policy, open_memory, read_lines
from dome_spec.kernel import FixedClock
from tests.remembered import NOW, OURS, a_wrapper

REPORT = b"<testsuite failures='1'/>"
REQUIRED = ("run_id", "task_id", "group_id", "signal", "wrapper_policy", "task", "outcome", "evidence", "lineage")


def a_line(number: int, *, without: str = "", **changes: Any) -> bytes:
    evidence = [{"digest": digest_bytes(REPORT), "location": "report.xml"}]
    wrapper = a_wrapper(group_id=f"sha256:{number:064x}", evidence=evidence, **changes)
    return json.dumps({name: value for name, value in wrapper.items() if name != without}).encode() + b"\n"


GOOD = [a_line(number) for number in range(20)]
BAD = [a_line(99, without=name) for name in REQUIRED]


def ingested(directory: Path, documents: list[bytes]) -> Memory:
    """The memory of the documents, in a file of its own."""
    evidence = EvidenceStore(directory / "evidence")
    evidence.put(REPORT)
    memory = open_memory(directory / "memory.sqlite", default_policy())
    door = Door(memory, evidence, repository_id=OURS, clock=FixedClock(NOW), finder=Nowhere())
    for _ in door.take(read_lines(io.BytesIO(b"".join(documents)))):
        pass
    return memory


@pytest.mark.parametrize("seed", range(4))
def test_k1_invalid_wrappers_are_quarantined_and_a_replay_stores_the_same_facts(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    replayed = [*GOOD, *BAD, *chance.choices([*GOOD, *BAD], k=15)]
    chance.shuffle(replayed)
    first = ingested(tmp_path / "first", [*GOOD, *BAD])
    second = ingested(tmp_path / "second", replayed)
    kept = first.facts(limit=200)
    assert second.facts(limit=200) == kept
    assert second.snapshot_digest() == first.snapshot_digest()
    bodies = [fact.body for fact in kept]
    assert sum(isinstance(body, EvidenceGroupFact) for body in bodies) == len(GOOD)
    refused = [body for body in bodies if isinstance(body, QuarantineFact)]
    assert sorted(body.violations[0].place for body in refused) == sorted(f"/{name}" for name in REQUIRED)
    lineages = [body.wrapper.lineage for body in bodies if isinstance(body, EvidenceGroupFact)]
    assert {(each.event_id, each.sequence, each.run_id) for each in lineages} == {
        tuple(a_wrapper()["lineage"][name] for name in ("event_id", "sequence", "run_id"))
    }
    first.close()
    second.close()
