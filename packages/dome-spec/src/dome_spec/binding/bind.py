"""The binder: from the facts of a repository, whatever their order, to contributions, capsules and views.

`bind` is pure and looks at everything; it is what a store must agree with, however it gets there. `derive` is the step
for one attempt, which stores repeat for the attempts that a new fact touches.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from dome_contracts.schema.knowledge.fact import Fact
from dome_spec.binding.capsules import Tally, tally
from dome_spec.binding.contributions import Contribution, Matter, contribution
from dome_spec.binding.facts import row_of
from dome_spec.binding.policy import Policy, Rules
from dome_spec.binding.triggers import Watched, fires, named, sequence_of, span
from dome_spec.binding.values import Attempt, GateVerdict, GuardRefusal, Member, Proof, Row, Run, Wrapping
from dome_spec.binding.views import (
    DenialRow,
    FailureRow,
    GateEntry,
    GateRow,
    denial_rows,
    failure_row,
    gate_entries,
    latest_first,
    roll_up,
)


@dataclass(frozen=True, slots=True)
class Derived:
    """What follows from what was said of one attempt."""

    contribution: Contribution | None
    failure: FailureRow | None
    entries: tuple[GateEntry, ...]
    denials: tuple[DenialRow, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """What follows from all facts: the ledger, the capsules and the views, each in its order."""

    contributions: tuple[Contribution, ...]
    """By their place, then by attempt."""
    tallies: tuple[Tally, ...]
    """By the capsule's id."""
    failures: tuple[FailureRow, ...]
    gates: tuple[GateRow, ...]
    denials: tuple[DenialRow, ...]


def bind(facts: Iterable[Fact], policy: Policy) -> Bound:
    """What a set of facts comes to under a policy: of a fact that is given twice the first counts, the order never."""
    kept: dict[str, Fact] = {}
    for fact in facts:
        kept.setdefault(fact.fact_id, fact)
    return bound([row for row in map(row_of, kept.values()) if row is not None], policy.rules)


def bound(rows: Iterable[Row], rules: Rules) -> Bound:
    """The same, from the rows of the facts."""
    derived = [derive(matter, rules) for matter in matters(rows, rules)]
    ledger = sorted((each.contribution for each in derived if each.contribution), key=lambda each: each.order)
    capsules: dict[str, list[Contribution]] = {}
    for line in ledger:
        capsules.setdefault(line.capsule_id, []).append(line)
    tallies = (tally(capsules[each]) for each in sorted(capsules))
    return Bound(
        contributions=tuple(ledger),
        tallies=tuple(each for each in tallies if each is not None),
        failures=tuple(sorted((each.failure for each in derived if each.failure), key=latest_first)),
        gates=roll_up(entry for each in derived for entry in each.entries),
        denials=tuple(sorted((denial for each in derived for denial in each.denials), key=latest_first)),
    )


def derive(matter: Matter, rules: Rules) -> Derived:
    """What follows from what was said of one attempt."""
    return Derived(
        contribution=contribution(matter, binder_version=rules.binder_version, default_mode=rules.default_mode),
        failure=failure_row(matter),
        entries=tuple(gate_entries(matter)),
        denials=tuple(denial_rows(matter)),
    )


def matters(rows: Iterable[Row], rules: Rules) -> list[Matter]:
    """What was said of each attempt. Where several facts say one thing of it, the one that is first in order counts."""
    gathered = _Gathered()
    for row in rows:
        gathered.take(row)
    anomalies = _named(gathered.attempts.values(), rules)
    return [gathered.matter(act, anomalies.get(act, ())) for act in gathered.attempts.keys() | gathered.said.keys()]


def precedence(attempt: Attempt) -> tuple[int, str, str]:
    """Which of several facts on one attempt counts: the one that ended first."""
    return attempt.end_us, attempt.job_id, attempt.fact_id


@dataclass(frozen=True, slots=True)
class _Gathered:
    """Rows by what they are about."""

    runs: dict[str, Run] = field(default_factory=dict)
    attempts: dict[bytes, Attempt] = field(default_factory=dict)
    members: dict[str, list[Proof]] = field(default_factory=dict)
    said: dict[bytes, list[Wrapping | GateVerdict | GuardRefusal]] = field(default_factory=dict)

    def take(self, row: Row) -> None:
        match row:
            case Run():
                self.runs[row.run_id] = min(self.runs.get(row.run_id, row), row, key=_began)
            case Attempt():
                self.attempts[row.act] = min(self.attempts.get(row.act, row), row, key=precedence)
            case Member():
                self.members.setdefault(row.group_id, []).append(row.proof)
            case Wrapping() | GateVerdict() | GuardRefusal():
                self.said.setdefault(row.act, []).append(row)

    def matter(self, act: bytes, named: tuple[str, ...]) -> Matter:
        ordered = sorted(self.said.get(act, ()), key=lambda each: each.fact_id)
        matter = Matter(
            act=act,
            wrappings=tuple(each for each in ordered if isinstance(each, Wrapping)),
            verdicts=tuple(each for each in ordered if isinstance(each, GateVerdict)),
            refusals=tuple(each for each in ordered if isinstance(each, GuardRefusal)),
        )
        attempt = self.attempts.get(act)
        if attempt is None:
            return matter
        run = self.runs.get(attempt.run_id)
        members = tuple(sorted(set(self.members.get(attempt.group_id, ()))))
        return replace(matter, attempt=attempt, members=members, stated_mode=run.mode if run else None, named=named)


def _began(run: Run) -> tuple[int, str]:
    return run.occur_us, run.fact_id


def _named(attempts: Iterable[Attempt], rules: Rules) -> dict[bytes, tuple[str, ...]]:
    """The triggers that name each attempt, in the order in which they are asked."""
    found: dict[bytes, tuple[str, ...]] = {}
    if rules.triggers is None:
        return found
    ordered = sorted(attempts, key=lambda each: each.order)
    for trigger in rules.triggers.triggers:
        seen: dict[Watched, list[Attempt]] = {}
        for attempt in ordered:
            watched = sequence_of(attempt, trigger)
            if watched is None:
                continue
            before = seen.setdefault(watched, [])
            if fires(trigger, attempt, before[-span(trigger) :]):
                found[attempt.act] = (*found.get(attempt.act, ()), named(rules.triggers, trigger))
            before.append(attempt)
    return found
