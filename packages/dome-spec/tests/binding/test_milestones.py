"""What the milestones of the loop ask of the binder before they count as reached."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

from dome_contracts.schema.knowledge.binder_policy import RolloutStage
from dome_contracts.schema.knowledge.capsule import CapsuleUse
from dome_contracts.schema.knowledge.fact import Fact
from dome_spec.binding import Conformance, Remedy, TaskColumns, capsule_document, judge, open_memory
from tests.histories import NOON, a_failure, a_policy, a_run, a_success, a_task, a_wrapper


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


def test_k1_replay_of_the_same_envelopes_yields_the_same_facts(tmp_path: Path) -> None:
    told = [a_run(), *a_failure(), *a_success(attempt=2, second=2)]
    with closing(open_memory(tmp_path / "one.sqlite", a_policy())) as one:
        one.append(told)
        kept = [fact.to_json() for fact in one.facts()]
        one.append(told)
        assert [fact.to_json() for fact in one.facts()] == kept
    with closing(open_memory(tmp_path / "other.sqlite", a_policy())) as other:
        other.append(reversed(told))
        assert [fact.to_json() for fact in other.facts()] == kept


def test_k2_reprocessing_a_snapshot_duplicates_nothing_and_keeps_every_fingerprint(tmp_path: Path) -> None:
    with closing(open_memory(tmp_path / "memory.sqlite", a_policy())) as memory:
        memory.append(learning())
        derived = memory.derived()
        hashes = {each.tally.fingerprint_hash for each in memory.capsules()}
        memory.append(learning())
        memory.rebuild()
        assert memory.derived() == derived
        assert {each.tally.fingerprint_hash for each in memory.capsules()} == hashes
        keys = [(each.run_id, each.task_id, each.group_id, each.binder_version) for each in derived.contributions]
        assert len(set(keys)) == len(keys) == 8
        assert len({each.capsule_id for each in derived.tallies}) == len(derived.tallies) == 1


def test_k3_contradiction_and_staleness_degrade_deterministically_and_strict_mints_nothing_unasked() -> None:
    policy = a_policy()
    with closing(open_memory(None, policy)) as memory:
        memory.append(learning())

        def judged(after_s: float) -> list[bytes]:
            now = NOON + timedelta(seconds=after_s)
            stage = RolloutStage.PRESCRIPTIVE
            return [
                capsule_document(each, policy, judge(each, policy, now=now, stage=stage, verifier=Verified())).to_json()
                for each in memory.capsules()
            ]

        fresh, stale = judged(10), judged(10 + policy.document.staleness.horizon_s)
        assert (b'"prescriptive"' in fresh[0], b'"stale"' in stale[0]) == (True, True)
        assert (judged(10), judged(10 + policy.document.staleness.horizon_s)) == (fresh, stale)
        memory.append(a_failure(20, second=9))
        assert b'"contradicted"' in judged(10)[0]
        assert CapsuleUse.PRESCRIPTIVE.value.encode() not in judged(10)[0]
    with closing(open_memory(None, a_policy(mode="strict"))) as memory:
        bare = [a_task(attempt=number, second=number) for number in range(1, 6)]
        memory.append([a_run(mode="strict"), a_run(1, mode="strict"), *bare, *a_success(1, second=9)])
        assert memory.capsules() == ()
        assert len(memory.recent_failures()) == 5
        memory.append([a_wrapper(mode="strict")])
        assert [each.tally.sighting_count for each in memory.capsules()] == [1]
