"""`dome plan show`: a plan that was made, for people; or the plans that are kept here."""

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_contracts.schema.planning.packet import Packet
    from dome_contracts.schema.planning.plan import Plan
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs
    from dome_spec.planning import PlanStore

PLANS_SHOWN_MAX: Final = 50
"""Most plans that are listed, the last ones made."""
_EXAMPLES: Final = """\
  dome plan show                 the plans that are kept of this repository, the last one first
  dome plan show 3f9a            one of them, by the beginning of its hash: waves, why each task is there, priors
  dome plan show plan.json       a plan in a file
  dome plan show 3f9a --json     the plan itself"""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    parser = add_verb(verbs, "show", summary="Show a plan, and why it is as it is", examples=_EXAMPLES, run=_show)
    parser.add_argument("plan", metavar="PLAN", nargs="?", help="a file, `-`, or the beginning of a plan's hash")


def _show(arguments: Namespace, console: "Console") -> int:
    from dome_contracts.schema.planning.plan import Plan
    from dome_spec.commands.plan.documents import STANDARD_INPUT, read_value
    from dome_spec.commands.plan.plan_text import plan_lines
    from dome_spec.kernel import read_document

    if arguments.plan is None:
        return _list(_kept(), console)
    if arguments.plan == STANDARD_INPUT or Path(arguments.plan).is_file():
        plan = read_document(Plan, read_value(arguments.plan))
        packet = _packet_of(plan)
    else:
        stored = _kept().get(arguments.plan)
        plan, packet = stored.plan, stored.packet
    if console.as_json:
        console.record(plan.to_value())
    else:
        console.text("\n".join(plan_lines(plan, packet)))
    return Exit.OK


def _packet_of(plan: "Plan") -> "Packet | None":
    """The packet that a plan was made from, where the plan is kept here."""
    from dome_spec.planning import PlanNotFound, plan_hash

    try:
        return _kept().get(plan_hash(plan)).packet
    except PlanNotFound:  # made elsewhere
        return None


def _kept() -> "PlanStore":
    """The plans of this repository; none where nothing was ever kept of it."""
    from dome_spec.commands.surroundings import here
    from dome_spec.planning import PlanStore

    infra = here().infra()
    return PlanStore(infra.state_dir if infra.repository_id is not None else infra.state_root / "none")


def _list(store: "PlanStore", console: "Console") -> int:
    from dome_spec.commands.plan.plan_text import short
    from dome_spec.commands.refusals import tell
    from dome_spec.commands.table import table
    from dome_spec.planning import PlanDamaged

    rows, damaged = [("PLAN", "PACKET", "TASKS", "MADE FOR", "GOAL")], 0
    for name in store.names()[:PLANS_SHOWN_MAX]:
        try:
            stored = store.get(name)
        except PlanDamaged as error:
            tell(error, console)
            damaged += 1
            continue
        plan = stored.plan
        if console.as_json:
            console.record({"plan_hash": name, "packet_id": plan.packet_id, "goal": stored.packet.goal})
        rows.append(
            (short(name), plan.packet_id, str(len(plan.tasks)), plan.inputs.evaluate_time, stored.packet.goal[:60])
        )
    if not console.as_json:
        console.text(table(rows) if len(rows) > 1 else "No plan is kept here: `dome plan new` makes one.")
    return Exit.FAILED if damaged else Exit.OK
