"""The model of a memory: facts in a dictionary, everything else derived by the pure binder whenever it is asked for.

It says what a memory must do, in the fewest words. It keeps nothing beyond the process.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, TypeVar

from dome_contracts.schema.knowledge.capsule import FingerprintInput
from dome_contracts.schema.knowledge.fact import Fact, TaskFact
from dome_spec.binding.bind import Bound, bind, matters
from dome_spec.binding.capsules import LATEST_MAX, Learnt, Remedy, Standing, Tally, opened, tally
from dome_spec.binding.contributions import Contribution, Matter, proofs
from dome_spec.binding.facts import row_of
from dome_spec.binding.fingerprint import normalised
from dome_spec.binding.policy import Policy
from dome_spec.binding.store.port import LOOKED_AT_MAX, Appended, Checkpoint, Latest, RunSummary, Verification
from dome_spec.binding.store.snapshot import fact_bytes, parts_digest, sum_of
from dome_spec.binding.values import Order, Run
from dome_spec.binding.views import (
    ANY_CAPSULE,
    ANY_DENIAL,
    ANY_FAILURE,
    ANY_VERDICT,
    LIMIT_DEFAULT,
    LIMIT_MAX,
    CapsuleFilter,
    DenialFilter,
    DenialRow,
    FailureFilter,
    FailureRow,
    GateFilter,
    GateRow,
    TaskFilter,
    bounded,
)
from dome_spec.kernel import micros

Shown = TypeVar("Shown", FailureRow, GateRow, DenialRow, Tally)
_TASK_PARTS: Final = ("scope", "target_kind", "target_id", "action_kind")


class MemoryModel:
    """A memory without a file."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._facts: dict[str, Fact] = {}
        self._checkpoints: dict[str, int] = {}

    @property
    def policy(self) -> Policy:
        return self._policy

    def append(self, facts: Iterable[Fact], *, checkpoint: Checkpoint | None = None) -> Appended:
        new, known, differing = 0, 0, set()
        for fact in facts:
            is_known = fact.fact_id in self._facts
            kept = self._facts.setdefault(fact.fact_id, fact)
            new, known = new + (not is_known), known + is_known
            if fact_bytes(kept) != fact_bytes(fact):
                differing.add(fact.fact_id)
        if checkpoint is not None:
            kept_revision = self._checkpoints.get(checkpoint.store_id, checkpoint.revision)
            self._checkpoints[checkpoint.store_id] = max(kept_revision, checkpoint.revision)
        return Appended(new, known, tuple(sorted(differing)))

    def checkpoint(self, store_id: str) -> int | None:
        return self._checkpoints.get(store_id)

    def knows(self, fact_id: str) -> bool:
        return fact_id in self._facts

    def facts(self, *, kind: str | None = None, after: str = "", limit: int = LIMIT_DEFAULT) -> tuple[Fact, ...]:
        names = sorted(name for name, fact in self._facts.items() if kind in (None, fact.body.kind))
        return tuple(self._facts[name] for name in names[bisect_right(names, after) :][: bounded(limit)])

    def fact_counts(self) -> tuple[tuple[str, int], ...]:
        return tuple(sorted(Counter(fact.body.kind for fact in self._facts.values()).items()))

    def quarantined(self, *, limit: int = LIMIT_DEFAULT) -> tuple[Fact, ...]:
        refused = [fact for fact in self._facts.values() if fact.body.kind == "quarantine"]
        refused.sort(key=lambda fact: fact.fact_id)
        refused.sort(key=lambda fact: micros(fact.occur_time), reverse=True)
        return tuple(refused[: bounded(limit)])

    def run(self, run_id: str) -> RunSummary | None:
        rows = [row for row in map(row_of, self._facts.values()) if row is not None]
        stated = [row for row in rows if isinstance(row, Run) and row.run_id == run_id]
        attempts = [each.attempt for each in matters(rows, self._policy.rules) if each.attempt is not None]
        own = sorted((each for each in attempts if each.run_id == run_id), key=lambda each: each.order)
        if not stated and not own:
            return None
        mode = min(stated, key=lambda row: (row.occur_us, row.fact_id)).mode if stated else None
        counts = Counter(each.status for each in own)
        return RunSummary(run_id, mode, tuple(own[:LIMIT_MAX]), tuple(sorted(counts.items())))

    def snapshot_digest(self) -> str:
        return parts_digest(len(self._facts), sum_of(map(fact_bytes, self._facts.values())), self._policy.rules)

    def recent_failures(
        self, chosen: FailureFilter = ANY_FAILURE, *, limit: int = LIMIT_DEFAULT
    ) -> tuple[FailureRow, ...]:
        return _chosen(self.derived().failures, chosen, ("failure_reason_code", "run_id"))[: bounded(limit)]

    def gate_rollup(self, chosen: GateFilter = ANY_VERDICT, *, limit: int = LIMIT_DEFAULT) -> tuple[GateRow, ...]:
        return _chosen(self.derived().gates, chosen, ("failure_reason_code", "gate_id"))[: bounded(limit)]

    def guard_denials(self, chosen: DenialFilter = ANY_DENIAL, *, limit: int = LIMIT_DEFAULT) -> tuple[DenialRow, ...]:
        return _chosen(self.derived().denials, chosen, ("policy_reason_code", "run_id"))[: bounded(limit)]

    def capsules(self, chosen: CapsuleFilter = ANY_CAPSULE, *, limit: int = LIMIT_DEFAULT) -> tuple[Learnt, ...]:
        tallies = [
            each
            for each in _chosen(self.derived().tallies, chosen, ("fingerprint_hash",))
            if chosen.failure_reason_code in (None, each.task.failure_reason_code)
        ]
        tallies.sort(key=lambda each: (-each.last_seen_us, each.capsule_id))
        return tuple(self._learnt(each, None) for each in tallies[: bounded(limit)])

    def capsule_ids(self, beginning: str = "", *, limit: int = LIMIT_DEFAULT) -> tuple[str, ...]:
        found = (each.capsule_id for each in self.derived().tallies if each.capsule_id.startswith(beginning))
        return tuple(sorted(found)[: bounded(limit)])

    def learnt(self, capsule_id: str, *, before: Order | None = None) -> Learnt | None:
        counted = tally(self._ledger(capsule_id, before))
        return None if counted is None else self._learnt(counted, before)

    def contributions(
        self, *, capsule_id: str | None = None, before: Order | None = None, limit: int = LIMIT_DEFAULT
    ) -> tuple[Contribution, ...]:
        return tuple(self._ledger(capsule_id, before)[::-1][: bounded(limit)])

    def latest(self, count: int = LOOKED_AT_MAX) -> Latest:
        ledger, known = self._ledger(None, None), {each.capsule_id for each in self.derived().tallies}
        first = max(0, len(ledger) - min(count, LOOKED_AT_MAX))
        standing: dict[str, Standing] = {}
        for each in ledger[:first]:
            before = standing.get(each.capsule_id)
            standing[each.capsule_id] = opened(each) if before is None else before.after(each)
        named = known & {each.capsule_id for each in ledger[first:]}
        return Latest(tuple(ledger[first:]), {name: standing[name] for name in named & standing.keys()})

    def derived(self) -> Bound:
        return bind(self._facts.values(), self._policy)

    def verify(self) -> Verification:
        return Verification(len(self._facts), ())

    def rebuild(self) -> int:
        return len(self._facts)

    def close(self) -> None:
        self._facts.clear()

    def _ledger(self, capsule_id: str | None, before: Order | None) -> list[Contribution]:
        return [
            each
            for each in self.derived().contributions
            if capsule_id in (None, each.capsule_id) and (before is None or each.order < before)
        ]

    def _learnt(self, counted: Tally, before: Order | None) -> Learnt:
        rows = [row for row in map(row_of, self._facts.values()) if row is not None]
        by_act: Mapping[bytes, Matter] = {each.act: each for each in matters(rows, self._policy.rules)}
        ledger = self._ledger(counted.capsule_id, before)
        remedy = None
        if counted.last_support is not None:
            remedy = _remedy(by_act[counted.last_support[2]])
        fingerprint = self._fingerprint(counted.fingerprint_hash, by_act[ledger[0].act])
        return Learnt(counted, fingerprint, remedy, tuple(ledger[-LATEST_MAX:]))

    def _fingerprint(self, named: str, matter: Matter) -> FingerprintInput:
        assert matter.attempt is not None
        assert matter.attempt.fingerprint_hash == named
        body = self._facts[matter.attempt.fact_id].body
        assert isinstance(body, TaskFact)
        return normalised(body.fingerprint)


def _remedy(matter: Matter) -> Remedy:
    attempt = matter.attempt
    assert attempt is not None
    return Remedy(attempt.template_digest, attempt.skill_id, attempt.tool_version, attempt.group_id, proofs(matter))


def _chosen(rows: Iterable[Shown], chosen: TaskFilter, others: tuple[str, ...]) -> tuple[Shown, ...]:
    def fits(row: Shown) -> bool:
        return all(getattr(chosen, part) in (None, getattr(row.task, part)) for part in _TASK_PARTS) and all(
            getattr(chosen, part) in (None, getattr(row, part)) for part in others
        )

    return tuple(filter(fits, rows))
