"""`dome mission packet`: a work package as the packet that a plan is made of."""

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.mission.arguments import add_acting
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs

_EXAMPLES: Final = """\
  dome mission packet parser WP01
  dome mission packet parser WP01 | dome plan new --from - --json > plan.json
  dome plan run plan.json --run-id run-parser-1
  dome mission move parser WP01 submit --commits main..missions/parser/track-01 --run run-parser-1

The files that the package owns bound the change. What was learnt for its tasks stands in its artefact from then on."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    parser = add_verb(verbs, "packet", summary="Print a package as a packet to plan", examples=_EXAMPLES, run=_packet)
    parser.add_argument("mission", metavar="MISSION")
    parser.add_argument("package", metavar="PACKAGE")
    add_acting(parser)


def _packet(arguments: Namespace, console: "Console") -> int:
    from dome_spec.commands.mission.opening import reading
    from dome_spec.kernel.yaml_text import write_yaml

    with reading(arguments) as opened:
        status = opened.status(arguments.mission)
        packet = opened.missions.packet(status.standing, arguments.package)
    if console.as_json:
        console.record(packet.to_value())
    else:
        console.text(write_yaml(packet.to_value()).rstrip("\n"))
    return Exit.OK
