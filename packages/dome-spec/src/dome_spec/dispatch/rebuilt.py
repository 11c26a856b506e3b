"""What is known of jobs whose store is not there any more: from what their run has kept of them alone.

Facts have the names that they would have had from the store itself, so what was taken in from there is known.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from dome_contracts.schema.knowledge.fact import CheckpointSource, Fact
from dome_contracts.schema.shared.definitions import AttemptStatus
from dome_spec.dispatch.job.result import Assignment
from dome_spec.dispatch.kept_runs import KeptRun
from dome_spec.dispatch.wrap import Attempted, replaced_fact, task_fact_id

_NO_REVISION: Final = 0


def of_other_stores(run: KeptRun, store_id: str, is_known: Callable[[str], bool]) -> Iterator[list[Fact]]:
    """The facts of each attempt whose job another store had than this one, as far as they are not known.

    Raises RecordDamaged, EvidenceMissing, EvidenceDamaged.
    """
    for assignment in run.assignments():
        had_it = run.store_of(assignment.group_id)
        if had_it in ("", store_id) or (held := run.kept_attempt(assignment)) is None:
            continue
        if facts := _unknown(run, assignment, held, is_known):
            yield facts


def gap_of(run: KeptRun, assignment: Assignment) -> Iterator[Fact]:
    """That the store with the events of an attempt's job is not there; nothing where it is not known which it was."""
    attempt, store_id = assignment.attempt, run.store_of(assignment.group_id)
    when = attempt.end_time or attempt.create_time
    if store_id and attempt.job_id is not None and when is not None:
        source = CheckpointSource(origin="checkpoint", store_id=store_id, revision=_NO_REVISION)
        yield replaced_fact(attempt.job_id, source, repository_id=run.repository_id, occur_time=when)


def proven(run: KeptRun, held: Attempted, proof: Attempted) -> list[Fact]:
    """What an answer comes to by its proof: it held if the proof says so. Nothing where it was not given."""
    if held.outcome.status is not AttemptStatus.SUCCEEDED:
        return []
    unique = {(each.kind.value, each.evidence.digest): each for each in (*held.members, *proof.members)}
    members = [unique[key] for key in sorted(unique)]
    return list(run.wrapped(replace(held, proof=proof.result.outcome, members=members)).facts)


def kept_answer(run: KeptRun, answer: Assignment, proof: Attempted) -> list[Fact]:
    """What an answer comes to by its proof, from what is kept of it; nothing where its end is not."""
    held = run.kept_attempt(answer)
    return [] if held is None else proven(run, held, proof)


def _unknown(run: KeptRun, assignment: Assignment, held: Attempted, is_known: Callable[[str], bool]) -> list[Fact]:
    facts: list[Fact] = []
    is_held_back = run.is_proven(assignment.task_id) and held.outcome.status is AttemptStatus.SUCCEEDED
    if not is_held_back and not is_known(task_fact_id(held)):
        facts += [*run.wrapped(held).facts, *gap_of(run, assignment)]
    answer = run.proved_by(assignment, held.result)
    given = None if answer is None else run.kept_attempt(answer)
    if answer is not None and given is not None and not is_known(task_fact_id(given)):
        facts += [*proven(run, given, held), *gap_of(run, answer)]
    return facts
