"""K3, capsules: contradiction and age take prescription away, always alike; strict mode mints nothing unasked."""

from contextlib import closing
from datetime import timedelta

from dome_contracts.schema.knowledge.binder_policy import RolloutStage
from dome_contracts.schema.knowledge.fact import Fact
from dome_spec.binding import Conformance, Memory, Remedy, TaskColumns, judge, open_memory
from tests.histories import NOON, a_failure, a_policy, a_run, a_success, a_task, a_wrapper

POLICY = a_policy()
HORIZON_S = POLICY.document.staleness.horizon_s


class Verified:
    """Verifies everything."""

    def resolves(self, digest: str) -> bool:
        return True

    def conformance(self, skill_id: str, tool_version: str) -> Conformance:
        return Conformance.CONFORMS

    def refusal(self, task: TaskColumns, remedy: Remedy) -> str | None:
        return None


def learning() -> list[Fact]:
    return [fact for number in range(8) for fact in a_success(number, second=number)]


def standing(memory: Memory, after_s: float) -> tuple[str, list[str]]:
    """What the one capsule may be used for at a moment, and why no more."""
    (learnt,) = memory.capsules()
    now = NOON + timedelta(seconds=after_s)
    found = judge(learnt, POLICY, now=now, stage=RolloutStage.PRESCRIPTIVE, verifier=Verified())
    return found.use.value, [each.code.value for each in found.reasons]


def test_k3_contradiction_and_staleness_take_prescription_away_deterministically() -> None:
    with closing(open_memory(None, POLICY)) as memory:
        memory.append(learning())
        assert standing(memory, 10) == standing(memory, 10) == ("prescriptive", [])
        assert standing(memory, 10 + HORIZON_S) == ("advisory", ["stale"])
        memory.append(a_failure(20, second=9))
        assert standing(memory, 10) == standing(memory, 10) == ("advisory", ["confidence_low", "contradicted"])
    with closing(open_memory(None, POLICY)) as other:
        other.append([*a_failure(20, second=9), *reversed(learning())])
        assert standing(other, 10) == ("advisory", ["confidence_low", "contradicted"])


def test_k3_every_binding_update_maintains_support_last_seen_and_contradictions() -> None:
    with closing(open_memory(None, POLICY)) as memory:
        seen = []
        for facts in (a_success(0, second=1), a_success(1, second=2), a_failure(2, second=3)):
            memory.append(facts)
            (counts,) = (each.tally for each in memory.capsules())
            seen.append((counts.support_count, counts.contradiction_count, counts.last_seen_us))
        assert [each[:2] for each in seen] == [(1, 0), (2, 0), (2, 1)]
        assert [each[2] - seen[0][2] for each in seen] == [0, 1_000_000, 2_000_000]


def test_k3_strict_mode_mints_no_capsule_without_an_explicit_failure_or_denial() -> None:
    with closing(open_memory(None, a_policy(mode="strict"))) as memory:
        bare = [a_task(attempt=number, second=number) for number in range(1, 6)]
        memory.append([a_run(mode="strict"), a_run(1, mode="strict"), *bare, *a_success(1, second=9)])
        assert memory.capsules() == ()
        assert len(memory.recent_failures()) == 5
        memory.append([a_wrapper(mode="strict")])
        assert [each.tally.sighting_count for each in memory.capsules()] == [1]
