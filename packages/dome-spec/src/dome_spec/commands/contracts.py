"""`dome contracts`: what the contracts are. Parses and prints; the registry is read in `dome_spec.contracts`."""

import json
from argparse import SUPPRESS, ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from dome_spec.contracts import Family
    from dome_spec.kernel import Runtime

_EXAMPLES: Final = """\
examples:
  dome contracts list           every family: its form, tier and owner
  dome contracts list --json    one object a line, with all columns of the registry"""


def register(cli: "_SubParsersAction[ArgumentParser]", runtime: "Callable[[], Awaitable[Runtime]]") -> None:
    """Add the group. It needs no daemon."""
    group = cli.add_parser("contracts", help="Look at the contracts", description="Look at the contracts.")
    verbs = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    listing = verbs.add_parser(
        "list",
        help="List the families of the registry",
        description="List the families of the registry.",
        epilog=_EXAMPLES,
        formatter_class=RawDescriptionHelpFormatter,
    )
    listing.add_argument("--json", action="store_true", default=SUPPRESS, help="JSON: one object a line")
    listing.set_defaults(run=_list)


def _list(arguments: Namespace) -> int:
    from dome_spec.contracts import list_families

    families = list_families()
    print("\n".join(json.dumps(each._asdict()) for each in families) if arguments.json else _table(families))
    return 0


def _table(families: "Sequence[Family]") -> str:
    rows = [("FAMILY", "FORM", "TIER", "OWNER", "INTENT")]
    rows += [(each.family, each.form, each.tier, each.owner, each.intent) for each in families]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
