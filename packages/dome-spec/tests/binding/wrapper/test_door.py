"""Documents on their way into the memory: their evidence first, then everything at once, and nothing twice."""

import io
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.canonical import digest_bytes
from dome_contracts.schema.knowledge.fact import Fact, QuarantineResolution, ReleaseFact
from dome_spec.binding.evidence import EvidenceStore, location_of
from dome_spec.binding.wrapper import Accepted, Door, FilesBeside, Quarantined, Taken, door, read_lines
from dome_spec.binding.wrapper.aside import named_family, put_aside
from dome_spec.kernel import FixedClock
from tests.remembered import NOW, OURS, a_fact, a_wrapper, as_bytes, example

REPORT = b"<testsuite failures='1'/>"


@dataclass(frozen=True)
class Counted:
    new: int
    known: int
    differing: tuple[str, ...] = ()


class Memory:
    """What was appended, under its name."""

    def __init__(self, evidence: EvidenceStore) -> None:
        self.kept: dict[str, Fact] = {}
        self.batches = 0
        self._evidence = evidence

    def append(self, facts: Sequence[Fact]) -> Counted:
        self.batches += 1
        fresh = {each.fact_id: each for each in facts if each.fact_id not in self.kept}
        self.kept |= fresh
        differing = sorted({each.fact_id for each in facts if self.kept[each.fact_id] != each})
        return Counted(len(fresh), len(facts) - len(fresh), tuple(differing))

    def facts(self, *, kind: str | None = None, after: str = "", limit: int = 200) -> tuple[Fact, ...]:
        names = [name for name in sorted(self.kept) if name > after and kind in (None, self.kept[name].body.kind)]
        return tuple(self.kept[name] for name in names[:limit])

    def kinds(self) -> list[str]:
        return sorted(each.body.kind for each in self.kept.values())


class Place:
    """A door with a memory and a directory of files."""

    def __init__(self, root: Path) -> None:
        self.beside = root / "beside"
        self.beside.mkdir()
        self.evidence = EvidenceStore(root / "evidence")
        self.memory = Memory(self.evidence)
        self.now = NOW
        self.door = self.fresh_door()

    def fresh_door(self) -> Door:
        finder = FilesBeside(self.beside)
        return Door(self.memory, self.evidence, repository_id=OURS, clock=FixedClock(self.now), finder=finder)

    def take(self, documents: Sequence[bytes], *, family: str = "") -> Taken:
        *_, last = [Taken(), *self.door.take(read_lines(io.BytesIO(b"\n".join(documents))), family=family)]
        return last


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def a_wrapper_of(report: bytes, location: str = "report.xml", **changes: Any) -> bytes:
    return as_bytes(a_wrapper(evidence=[{"digest": digest_bytes(report), "location": location}], **changes))


def test_evidence_is_in_the_store_before_the_fact_is_in_the_memory(place: Place) -> None:
    (place.beside / "report.xml").write_bytes(REPORT)
    taken = place.take([a_wrapper_of(REPORT)])
    assert (taken.accepted, taken.quarantined, taken.facts_new) == (1, 0, 1)
    assert place.evidence.read(digest_bytes(REPORT)) == REPORT


def test_evidence_that_is_in_the_store_needs_no_file(place: Place) -> None:
    place.evidence.put(REPORT)
    assert place.take([a_wrapper_of(REPORT, location_of(digest_bytes(REPORT)))]).accepted == 1


def test_a_wrapper_whose_evidence_is_nowhere_is_put_aside_until_it_is_there(place: Place) -> None:
    wrapper = a_wrapper_of(REPORT)
    taken = place.take([wrapper])
    assert taken.causes == (("evidence_unresolved", 1),)
    (aside,) = place.memory.kept.values()
    assert isinstance(place.door.release(aside, wrapper), Quarantined)
    assert place.memory.kinds() == ["quarantine"]
    (place.beside / "report.xml").write_bytes(REPORT)
    batches = place.memory.batches
    assert isinstance(place.door.release(aside, wrapper), Accepted)
    assert place.memory.kinds() == ["evidence_group", "quarantine", "release"]
    assert place.memory.batches == batches + 1, "it leaves in the transaction that takes it in"


def test_what_was_put_aside_leaves_when_it_is_sent_again_and_is_valid_by_then(place: Place) -> None:
    place.take([a_wrapper_of(REPORT), b"{broken"])
    assert len(put_aside(place.memory)) == 2
    (place.beside / "report.xml").write_bytes(REPORT)
    place.door = place.fresh_door()
    assert place.take([a_wrapper_of(REPORT), b"{broken"]).accepted == 1
    assert [each.body.cause.value for each in put_aside(place.memory)] == ["not_json"]  # type: ignore[union-attr]
    before = place.memory.kinds()
    place.take([a_wrapper_of(REPORT), b"{broken"])
    assert place.memory.kinds() == before


def test_what_one_door_has_put_aside_leaves_by_the_same_door(place: Place) -> None:
    place.evidence.put(b"other")
    good = a_wrapper_of(b"other", group_id=f"sha256:{7:064x}")
    place.take([good, a_wrapper_of(REPORT)])
    assert len(put_aside(place.memory)) == 1
    (place.beside / "report.xml").write_bytes(REPORT)
    assert place.take([a_wrapper_of(REPORT)]).accepted == 1
    assert put_aside(place.memory) == ()


def test_a_file_with_other_bytes_is_no_evidence(place: Place) -> None:
    (place.beside / "report.xml").write_bytes(b"something else")
    answer = place.door.judge(a_wrapper_of(REPORT))
    assert isinstance(answer, Quarantined)
    assert answer.cause.value == "evidence_unresolved"
    assert [each.place for each in answer.body.violations] == ["/evidence/0"]
    assert list(place.evidence.digests()) == []


def test_what_one_source_says_in_two_ways_is_told_and_the_first_stays(place: Place) -> None:
    first, other = a_fact("task_failed"), a_fact("task_failed")
    other["body"]["skill_id"] = "another.skill"
    taken = place.take([as_bytes(first), as_bytes(other), as_bytes(first)])
    assert (taken.facts_new, taken.facts_known) == (1, 2)
    assert (taken.facts_differing, taken.differing) == (1, (first["fact_id"],))
    assert place.memory.kept[first["fact_id"]].to_value() == first


def test_what_comes_again_at_another_moment_does_not_differ(place: Place) -> None:
    documents = [as_bytes(example("gates/gate_decision", "approved")), b"{broken", a_wrapper_of(b"nowhere")]
    place.take(documents)
    place.now += timedelta(hours=1)
    place.door = place.fresh_door()
    again = place.take(documents)
    assert (again.facts_new, again.facts_known, again.facts_differing) == (0, 3, 0)


def test_what_is_tried_again_is_of_the_family_that_was_named(place: Place) -> None:
    decision = example("gates/gate_decision", "approved")
    del decision["inputs"]["task_spec"]
    place.take([as_bytes(decision)], family="gates/gate_decision")
    (aside,) = place.memory.kept.values()
    assert named_family(aside) == "gates/gate_decision"
    envelope = as_bytes({"family": "knowledge/wrapper_envelope", "document": decision})
    answers = [place.door.release(aside, as_bytes(decision)), place.door.release(aside, envelope)]
    assert [each.fact.source.family for each in answers] == ["gates/gate_decision"] * 2  # type: ignore[union-attr]
    place.take([b"{}"])
    assert sorted(map(named_family, place.memory.kept.values())) == ["", "gates/gate_decision"]


def test_the_bytes_of_what_is_put_aside_are_kept_as_they_came(place: Place) -> None:
    assert place.take([b"  {broken ", as_bytes({"what": "is this"})]).quarantined == 2
    assert place.evidence.read(digest_bytes(b"{broken")) == b"{broken"
    assert place.evidence.read(digest_bytes(as_bytes({"what": "is this"})))


def test_a_repaired_document_takes_the_place_of_the_broken_one(place: Place) -> None:
    place.evidence.put(REPORT)
    place.take([a_wrapper_of(REPORT, signal="hunch")])
    (aside,) = place.memory.kept.values()
    repaired = a_wrapper_of(REPORT)
    assert isinstance(place.door.release(aside, repaired), Accepted)
    (release,) = (each for each in place.memory.kept.values() if isinstance(each.body, ReleaseFact))
    assert isinstance(release.body, ReleaseFact)
    assert release.body.quarantine == aside.fact_id
    assert release.body.resolution is QuarantineResolution.REPAIRED
    assert release.body.document == digest_bytes(repaired)


def test_what_is_dismissed_leaves_once(place: Place) -> None:
    place.take([b"{broken"])
    (aside,) = place.memory.kept.values()
    first = place.door.dismiss(aside)
    assert place.door.dismiss(aside).fact_id == first.fact_id
    place.take([b"{broken"])
    assert place.memory.kinds() == ["quarantine", "release"]


DOCUMENTS = (
    *(a_wrapper_of(REPORT, wrap_time=f"2024-05-17T09:30:{second:02}Z") for second in range(4)),
    as_bytes(example("knowledge/guard_evaluation", "skipped_before_any_attempt")),
    as_bytes(example("knowledge/transition_record", "allowed")),
    as_bytes(example("gates/gate_decision", "approved")),
    b"{broken",
    as_bytes({"what": "is this"}),
    a_wrapper_of(b"nowhere"),
)


@given(st.randoms(use_true_random=False), st.integers(1, 5))
def test_duplicates_and_order_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, chance: random.Random, batch: int
) -> None:
    plain, shaken = Place(tmp_path_factory.mktemp("plain")), Place(tmp_path_factory.mktemp("shaken"))
    for place in (plain, shaken):
        place.evidence.put(REPORT)
    plain.take(DOCUMENTS)
    several = [*DOCUMENTS, *chance.choices(DOCUMENTS, k=8)]
    chance.shuffle(several)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(door, "BATCH_LINES", batch)
        taken = shaken.take(several)
    assert shaken.memory.kept == plain.memory.kept
    assert taken.facts_new == len(plain.memory.kept)
    assert taken.documents == len(several)


class Slow:
    """A clock that goes on by a second whenever it is asked."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


def test_documents_that_come_slowly_do_not_wait_for_a_full_batch(place: Place) -> None:
    place.evidence.put(REPORT)
    slow = Door(place.memory, place.evidence, repository_id=OURS, clock=Slow(), finder=FilesBeside(place.beside))
    taken = list(slow.take(read_lines(io.BytesIO(b"\n".join(DOCUMENTS)))))
    assert [each.documents for each in taken] == list(range(1, len(DOCUMENTS) + 1))


def test_what_was_committed_before_the_end_stays_and_the_rest_follows(place: Place, monkeypatch: Any) -> None:
    monkeypatch.setattr(door, "BATCH_LINES", 3)
    place.evidence.put(REPORT)
    lines = read_lines(io.BytesIO(b"\n".join(DOCUMENTS)))
    committed = next(iter(place.door.take(lines)))
    assert (committed.documents, len(place.memory.kept)) == (3, 3)
    place.door = place.fresh_door()
    again = place.take(DOCUMENTS)
    assert (again.facts_known, again.facts_new) == (3, len(place.memory.kept) - 3)
    assert place.take(DOCUMENTS).facts_new == 0
