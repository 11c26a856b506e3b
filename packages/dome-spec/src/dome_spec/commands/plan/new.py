"""`dome plan new`: write a packet, and make its plan."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.verb import UsageWrong, add_verb

if TYPE_CHECKING:
    from dome_contracts.schema.planning.packet import Packet
    from dome_spec.commands.console import Console
    from dome_spec.commands.plan.making import Workplace
    from dome_spec.commands.verb import Verbs

_EXAMPLES: Final = """\
  dome plan new --example > packet.yaml                     a complete packet, with what each part means
  dome plan new --from packet.yaml                          make its plan, keep it, and show it
  dome plan new --goal 'Rounding is half to even in `src/interest.py`.' --allow 'src/**'
                                                            the repository's own tests decide, where it has some
  dome plan new --goal "..." --check unit=repo.test:'{"paths": ["tests/unit"]}' \\
      --criterion "unit=The unit tests pass." --criterion "The manual says how."
                                                            a criterion without a check is decided by a person
  dome plan new --goal "..." --packet-only > packet.yaml    only the packet, to go on with by hand
  dome plan new --from packet.yaml --failing tests/test_a.py::test_b
                                                            with a failure that the memory does not know
  dome plan new --from packet.yaml --json | dome plan run - make it and carry it out

A repository's own strategies are in .dome/control_strategies.yaml, its patterns in .dome/patterns, and what people
remember of remedies in .dome/memory; policies of yours in $XDG_CONFIG_HOME/dome/memory.
The same packet, commit, strategies, memory and moment (`--at`) give the same plan, byte for byte.
Exit code 65: the packet, a pattern or the strategies are not what they must be; each fault with its place."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    parser = add_verb(verbs, "new", summary="Write a packet, and make its plan", examples=_EXAMPLES, run=_new)
    parser.add_argument(
        "--from", dest="source", metavar="FILE", help="the packet, as YAML or JSON; `-`: standard input"
    )
    parser.add_argument("--example", action="store_true", help="print a complete packet with comments, and do nothing")
    _add_packet_words(parser)
    parser.add_argument("--strategies", metavar="FILE", help="control strategies (default: those of the repository)")
    parser.add_argument(
        "--pattern", metavar="FILE", action="append", default=[], help="a pattern beside those of the repository"
    )
    parser.add_argument(
        "--failing", metavar="TARGET[=CODE]", action="append", default=[],
        help="a test or path that is known to fail (CODE: TESTS.FAILED)",
    )  # fmt: skip
    parser.add_argument("--at", metavar="TIME", help="moment for which priors are judged (default: the present one)")
    parser.add_argument("--in-run", metavar="RUN", help="a run whose own entries of memory count, too")
    parser.add_argument("--packet-only", action="store_true", help="print the packet, and make no plan")


def _add_packet_words(parser: ArgumentParser) -> None:
    """The parts of a packet that can be said on the command line."""
    words = parser.add_argument_group("a packet in a few words")
    words.add_argument("--goal", metavar="TEXT", help="what shall be true in the end, in one sentence")
    words.add_argument("--id", metavar="NAME", default="", help="name of the packet (default: made from the goal)")
    words.add_argument("--why", metavar="TEXT", default="", help="the reason")
    words.add_argument("--what", metavar="TEXT", default="", help="the work, as far as it is decided")
    words.add_argument(
        "--criterion", metavar="[CHECK=]TEXT", action="append", default=[], help="what is judged in the end"
    )
    words.add_argument(
        "--check", metavar="NAME=SKILL[:JSON]", action="append", default=[], help="a check: a skill and its input"
    )
    words.add_argument(
        "--allow", metavar="GLOB", action="append", default=[], help="may be changed (default: everything)"
    )
    words.add_argument("--forbid", metavar="GLOB", action="append", default=[], help="may not be changed")
    words.add_argument("--attempts", metavar="N", type=int, default=2, help="most attempts at a task (default: 2)")
    words.add_argument("--parallel", metavar="N", type=int, default=2, help="most tasks at a time (default: 2)")
    words.add_argument(
        "--duration-s", metavar="S", type=float, default=3600, help="longest time in all (default: 3600)"
    )


def _new(arguments: Namespace, console: "Console") -> int:
    from dome_spec.commands.plan.making import workplace

    if arguments.example:
        from dome_spec.planning import packet_example

        console.text(packet_example().rstrip("\n"))
        return Exit.OK
    if bool(arguments.source) == bool(arguments.goal):
        raise UsageWrong("say --from FILE or --goal TEXT; `--example` prints a packet to begin with")
    with workplace() as place:
        packet = _packet(arguments, place)
        if arguments.packet_only:
            _print_packet(packet, console)
            return Exit.OK
        return _plan(packet, arguments, place, console)


def _packet(arguments: Namespace, place: "Workplace") -> "Packet":
    from dome_spec.commands.plan.documents import read_value
    from dome_spec.planning import Wanted, look, packet_from, packet_of

    if arguments.source:
        return packet_from(read_value(arguments.source), place.base)
    checks = dict(_check(each) for each in arguments.check)
    wanted = Wanted(
        goal=arguments.goal, packet_id=arguments.id, why=arguments.why, what=arguments.what,
        criteria=arguments.criterion, checks=checks, allowed_paths=arguments.allow or ("**",),
        forbidden_paths=arguments.forbid, attempts_max=arguments.attempts, parallel_max=arguments.parallel,
        duration_s_max=arguments.duration_s,
    )  # fmt: skip
    return packet_of(wanted, look(place.repository, place.head.commit_id), place.base)


def _check(text: str) -> tuple[str, dict[str, Any]]:
    """`NAME=SKILL[:JSON]`."""
    from dome_spec.kernel import NotJson, read_json

    name, separator, rest = text.partition("=")
    skill_id, _, tool_input = rest.partition(":")
    if not separator or not skill_id:
        raise UsageWrong(f"--check {text}: write NAME=SKILL or NAME=SKILL:JSON, such as unit=repo.test")
    try:
        value = read_json(tool_input.encode()) if tool_input else {}
    except NotJson as error:
        raise UsageWrong(f"--check {name}: the input is no JSON: {error}") from error
    if not isinstance(value, dict):
        raise UsageWrong(f"--check {name}: the input is a JSON object")
    return name, {"skill_id": skill_id, "input": value}


def _print_packet(packet: "Packet", console: "Console") -> None:
    from dome_spec.kernel.yaml_text import write_yaml

    if console.as_json:
        console.record(packet.to_value())
    else:
        console.text(write_yaml(packet.to_value()).rstrip("\n"))


def _plan(packet: "Packet", arguments: Namespace, place: "Workplace", console: "Console") -> int:
    from dome_spec.commands.plan.documents import failing, read_patterns, read_strategies
    from dome_spec.commands.plan.making import made
    from dome_spec.commands.plan.plan_text import plan_lines

    stored = made(
        packet,
        place,
        strategies=read_strategies(arguments.strategies, place.infra.root),
        patterns=read_patterns(arguments.pattern, place.infra.root),
        stated=[failing(each) for each in arguments.failing],
        at=arguments.at,
        run_id=arguments.in_run,
    )
    path = place.store.put(stored)
    if console.as_json:
        console.record(stored.plan.to_value())
    else:
        console.text("\n".join(plan_lines(stored.plan, stored.packet, directory=Path(path).parent)))
    return Exit.OK
