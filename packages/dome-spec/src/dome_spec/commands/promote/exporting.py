"""Prints a kept decision on promotion as a Statement. Reads the record of the run, and changes nothing in it."""

from argparse import Namespace
from typing import TYPE_CHECKING

from dome_contracts.exit_codes import Exit
from dome_spec.commands.promote.subject import commit_of, reference_of
from dome_spec.commands.surroundings import here
from dome_spec.commands.verb import UsageWrong
from dome_spec.dispatch import RunRecord, control_events
from dome_spec.gates import BasisMissing, GateRecord, JudgementDamaged, last_promotion, promotion_statement
from dome_spec.kernel import Refusal

if TYPE_CHECKING:
    from dome_spec.commands.console import Console

_DECIDING = ("confirm", "decline", "statement", "ask", "overlay")


class NothingPromoted(Refusal):
    """Nothing was decided on a promotion that could be exported."""

    code = "NOTHING_PROMOTED"
    exit_code = Exit.NOT_FOUND


def export(arguments: Namespace, console: "Console") -> int:
    """Print the Statement. Raises NothingPromoted, RunUnknown, JudgementDamaged."""
    for each in _DECIDING:
        if getattr(arguments, each, None) not in (None, False):
            raise UsageWrong(f"--export decides nothing, so that --{each} does not go with it")
    infra = here().infra()
    record = RunRecord.find(infra.runs_dir, arguments.run_id)
    kept = GateRecord(record.directory)
    decision = last_promotion(
        kept.promotions(),
        control_events(record),
        commit_sha=None if arguments.commit is None else commit_of(infra.root, arguments.commit),
        destination=None if arguments.to is None else reference_of(arguments.to),
    )
    if decision is None:
        about = "" if arguments.commit is None and arguments.to is None else " on this commit and destination"
        raise NothingPromoted(
            f"Nothing was decided{about} in {arguments.run_id}",
            hint=f"`dome promote {arguments.run_id} --commit HEAD --to main` decides",
        )
    judged = (each.decision for each in kept.judgements())
    try:
        console.data(promotion_statement(decision, (each for each in judged if each is not None)))
    except BasisMissing as error:
        raise JudgementDamaged(
            f"The decision of the gate that the promotion rests on is not kept in {record.directory}",
            why=f"no judgement has the digest {error}",
            hint="Put the files below gates/judgements back",
        ) from error
    return Exit.OK
