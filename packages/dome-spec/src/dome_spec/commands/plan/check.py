"""`dome plan check`: whether packets, plans, patterns and strategies are what they must be; faults with places."""

from argparse import Namespace
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_contracts.schema.planning.plan import Plan
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs
    from dome_spec.planning import Problem

_EXAMPLES: Final = """\
  dome plan check packet.yaml               a packet, before it is planned
  dome plan check plan.json                 a plan; one that is kept here is also made again, and compared byte for byte
  dome plan check pattern.yaml strategies.yaml
  dome plan check packet.yaml --json        one object a fault: file, place, what, remedy

Places are JSON pointers. Exit code 1: there is a fault. 65: a file is no YAML or JSON object."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    parser = add_verb(
        verbs, "check", summary="Check packets, plans, patterns and strategies", examples=_EXAMPLES, run=_run
    )
    parser.add_argument("files", metavar="FILE", nargs="+", help="the files; `-`: standard input")


def _run(arguments: Namespace, console: "Console") -> int:
    from dome_spec.commands.plan.documents import read_value

    faults = 0
    for file in arguments.files:
        kind, problems = _judged(read_value(file))
        faults += len(problems)
        for each in problems:
            if console.as_json:
                console.record({"file": file, "place": each.place, "what": each.what, "remedy": each.remedy})
            else:
                console.text(f"{file}#{each.place}: {each.what}." + (f" {each.remedy}." if each.remedy else ""))
        if not problems and not console.as_json:
            console.text(f"{file}: a {kind} without a fault")
    return Exit.FAILED if faults else Exit.OK


def _judged(value: Mapping[str, Any]) -> "tuple[str, tuple[Problem, ...]]":
    """What the document is, by what it holds, and what is wrong with it."""
    from dome_spec.kernel import DocumentInvalid
    from dome_spec.planning import Problem

    kinds: dict[str, tuple[str, Callable[[Mapping[str, Any]], tuple[Problem, ...]]]] = {
        "tasks": ("plan", _plan),
        "steps": ("pattern", _pattern),
        "responses": ("set of strategies", _strategies),
    }
    kind, judge = next((found for member, found in kinds.items() if member in value), ("packet", _packet))
    try:
        return kind, judge(value)
    except DocumentInvalid as error:
        remedy = error.hint
        return kind, tuple(Problem(each.place, each.message.rstrip("."), remedy) for each in error.violations)


def _packet(value: Mapping[str, Any]) -> "tuple[Problem, ...]":
    from dome_spec.planning import check_packet, packet_from

    anywhere = {
        "repository_id": "repo-00000000000000000000000000",
        "base_ref": "refs/heads/main",
        "base_commit": "0" * 40,
    }
    return check_packet(packet_from(value, anywhere))


def _plan(value: Mapping[str, Any]) -> "tuple[Problem, ...]":
    from dome_contracts.schema.planning.plan import Plan
    from dome_spec.kernel import read_document
    from dome_spec.planning import check_plan

    plan = read_document(Plan, value)
    return (*check_plan(plan), *_again(plan))


def _again(plan: "Plan") -> "tuple[Problem, ...]":
    """Whether a plan that is kept here comes out the same when it is made again."""
    from dome_spec.commands.surroundings import here
    from dome_spec.kernel import NotARepository, NothingKept, Repository
    from dome_spec.planning import PlanNotFound, PlanStore, Problem, make_again, plan_hash

    scene = here()
    try:
        stored = PlanStore(scene.infra().state_dir).get(plan_hash(plan))
        with Repository.find(scene.directory) as repository:
            again = make_again(stored, repository)
    except (NotARepository, NothingKept, PlanNotFound):  # made elsewhere: there is nothing to make it from
        return ()
    if plan_hash(again) == plan_hash(plan):
        return ()
    what = "made again from what it was made from, the plan is another one"
    return (Problem("", what, f"It was made by planner {plan.planner_version}, this is {again.planner_version}"),)


def _pattern(value: Mapping[str, Any]) -> "tuple[Problem, ...]":
    from dome_contracts.schema.patterns.pattern import Pattern
    from dome_spec.kernel import read_document
    from dome_spec.planning import check_pattern

    return check_pattern(read_document(Pattern, value))


def _strategies(value: Mapping[str, Any]) -> "tuple[Problem, ...]":
    from dome_contracts.schema.control.control_strategies import ControlStrategies
    from dome_spec.kernel import read_document
    from dome_spec.planning import check_strategies

    return check_strategies(read_document(ControlStrategies, value))
