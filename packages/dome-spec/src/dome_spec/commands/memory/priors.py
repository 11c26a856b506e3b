"""`dome memory priors`: what a planner would be told of a task."""

from argparse import Namespace
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from pathlib import Path

    from dome_contracts.schema.knowledge.capsule import FingerprintInput
    from dome_contracts.schema.planning.task_spec import TaskSpec
    from dome_spec.binding import Prior
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs

_EXAMPLES: Final = """\
  dome memory priors task.json                            what was learnt of a TaskSpec, the surest first
  dome plan show PLAN --json | jq '[.tasks[].spec][0]' | dome memory priors -
  dome memory priors task.json --at 2030-01-01T00:00:00Z  the same as of another moment

A prior is a capsule with a judgement: prescriptive ones may be applied, advisory ones are shown with every reason
against it. One learnt under other gates, versions or environments than the task's is always advisory."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    from dome_spec.commands.memory.filters import add_limit, add_moment

    parser = add_verb(verbs, "priors", summary="Say what a planner is told of a task", examples=_EXAMPLES, run=_priors)
    parser.add_argument("spec", metavar="TASK_SPEC", help="a planning/task_spec document; `-` for standard input")
    add_limit(parser)
    add_moment(parser)


def _priors(arguments: Namespace, console: "Console") -> int:
    from dome_contracts.schema.planning.task_spec import TaskSpec
    from dome_spec.binding import priors
    from dome_spec.commands.memory.judging import known_versions, verifier_of
    from dome_spec.commands.memory.opening import opened_for_asking
    from dome_spec.commands.memory.streams import input_of
    from dome_spec.kernel import read_document
    from dome_spec.planning import task_key

    with input_of(arguments.spec) as stream:
        spec = read_document(TaskSpec, stream.read())
    with opened_for_asking(console) as opened:
        found = priors(
            opened.memory,
            task_key(spec),
            _fingerprint(spec, known_versions(opened.infra, opened.memory), opened.infra.root),
            now=arguments.at or opened.surroundings.clock.now(),
            policy=opened.policy,
            limit=arguments.limit,
            verifier=verifier_of(opened.infra),
        )
    _tell(found, console)
    return Exit.OK


def _fingerprint(spec: "TaskSpec", versions: Mapping[str, str], root: "Path") -> "FingerprintInput":
    """The circumstances under which the task was planned; those of this repository where it does not say."""
    from dome_contracts.schema.knowledge.capsule import FingerprintInput
    from dome_spec.commands.environment import environment_of
    from dome_spec.planning import fingerprint_input

    if spec.versions is not None:
        return FingerprintInput(gates=sorted(spec.gates or []), versions=spec.versions)
    return fingerprint_input(spec, versions, environment_of(root))


def _tell(found: "Sequence[Prior]", console: "Console") -> None:
    from dome_spec.commands.memory.capsule_words import HEADING, capsule_row, eligibility_lines
    from dome_spec.commands.table import table

    if console.as_json:
        for prior in found:
            console.record({"stage": prior.stage.value, "capsule": prior.capsule.to_value()})
        return
    if not found:
        console.text("Nothing was learnt of this task.")
        return
    console.text(table([("USE", *HEADING), *((p.eligibility.use.value, *capsule_row(p.capsule)) for p in found)]))
    for prior in found:
        console.text(
            "\n".join([capsule_row(prior.capsule)[0], *(f"  {line}" for line in eligibility_lines(prior.eligibility))])
        )
