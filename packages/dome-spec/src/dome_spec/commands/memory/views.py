"""`dome memory views`: the named views over what happened."""

from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.verb import UsageWrong, add_verb

if TYPE_CHECKING:
    from dome_spec.binding import Memory
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs

FAILURES: Final = "recent-failures"
GATES: Final = "gate-rollup"
DENIALS: Final = "guard-denials"
NAMES: Final = {
    "mv_recent_failures_by_taskspec": FAILURES,
    "mv_gate_rollup_by_failure_reason_code": GATES,
    "mv_guard_denials_by_policy_reason_code": DENIALS,
}
_COLUMNS: Final = {
    FAILURES: ("last_seen_ts", "failure_reason_code", "target_kind", "target_id", "action_kind", "run_id", "job_id"),
    GATES: ("failure_reason_code", "gate_id", "target_id", "approve_count", "reject_count", "needs_human_count"),
    DENIALS: ("last_seen_ts", "policy_reason_code", "failure_reason_code", "target_kind", "target_id", "guard_ids"),
}
_EXAMPLES: Final = """\
  dome memory views recent-failures                             attempts that failed, the latest first
  dome memory views recent-failures --target-kind test --json   of tests, one object a line
  dome memory views gate-rollup --failure TESTS.FAILED          what gates decided, by failure
  dome memory views guard-denials --policy GUARD.DENIED         what guards refused, the latest first

The same facts and the same filters give the same rows in the same order. A view shows what happened, whatever was
learnt of it. The names of the tables (`mv_recent_failures_by_taskspec`) are taken too."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    from dome_spec.commands.memory.filters import add_filters, plain

    parser = add_verb(verbs, "views", summary="Ask a named view over what happened", examples=_EXAMPLES, run=_views)
    parser.add_argument("name", metavar="NAME", help=f"{FAILURES}, {GATES} or {DENIALS}")
    parser.add_argument("--failure", metavar="CODE", type=plain, help="failure reason, such as TESTS.FAILED")
    parser.add_argument("--policy", metavar="CODE", type=plain, help="policy reason, such as GUARD.DENIED")
    parser.add_argument("--gate", metavar="ID", type=plain, help="the gate that decided")
    parser.add_argument("--run", metavar="ID", dest="run_id", type=plain, help="the run that it happened in")
    add_filters(parser)


def _views(arguments: Namespace, console: "Console") -> int:
    from dome_spec.binding import rendered
    from dome_spec.commands.memory.opening import opened_for_asking

    name = NAMES.get(arguments.name, arguments.name)
    if name not in _COLUMNS:
        raise UsageWrong(f"{arguments.name!r} is no view: there are {', '.join(_COLUMNS)}")
    with opened_for_asking(console) as opened:
        rows = [rendered(row) for row in _rows(opened.memory, name, arguments)]
    if console.as_json:
        for row in rows:
            console.record(row)
    else:
        console.text(_shown(rows, _COLUMNS[name]) if rows else "No rows.")
    return Exit.OK


def _rows(memory: "Memory", name: str, arguments: Namespace) -> Sequence[Any]:
    from dome_spec.binding import DenialFilter, FailureFilter, GateFilter
    from dome_spec.commands.memory.filters import task_parts

    parts, failure = task_parts(arguments), arguments.failure
    match name:
        case "recent-failures":
            _refuse(arguments, "policy", "gate")
            asked = FailureFilter(failure_reason_code=failure, run_id=arguments.run_id, **parts)
            return memory.recent_failures(asked, limit=arguments.limit)
        case "gate-rollup":
            _refuse(arguments, "policy", "run_id")
            chosen = GateFilter(failure_reason_code=failure, gate_id=arguments.gate, **parts)
            return memory.gate_rollup(chosen, limit=arguments.limit)
        case _:
            _refuse(arguments, "failure", "gate")
            refused = DenialFilter(policy_reason_code=arguments.policy, run_id=arguments.run_id, **parts)
            return memory.guard_denials(refused, limit=arguments.limit)


def _refuse(arguments: Namespace, *unfit: str) -> None:
    """A filter that the view has no column for is no filter."""
    for name in unfit:
        if getattr(arguments, name) is not None:
            raise UsageWrong(f"--{name.removesuffix('_id')} does not go with {arguments.name}")


def _shown(rows: Sequence[dict[str, object]], columns: Sequence[str]) -> str:
    from dome_spec.commands.table import table

    return table(
        [[name.upper() for name in columns], *([_cell(row.get(name, "")) for name in columns] for row in rows)]
    )


def _cell(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
