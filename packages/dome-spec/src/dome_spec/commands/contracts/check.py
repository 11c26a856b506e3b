"""`dome contracts check`: whether the contracts keep what was promised."""

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_spec.commands.contracts import comparing
from dome_spec.commands.contracts.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs
    from dome_spec.contracts.sources import SchemaSet

_EXAMPLES: Final = """\
  dome contracts check                                the contracts here, with what was blessed and every release
  dome contracts check --against main                 with a branch
  dome contracts check schemas --against v1.2.0       a directory of any repository, with a tag
  dome contracts check schemas --against ../released  with a directory
  dome contracts check --json | jq .summary           for programs

Exit code 1: something is red. Of stable and experimental families, and of those without a tier, every verdict but
COMPATIBLE is red, and so is a removed family; of internal ones INCOMPATIBLE alone. A break that is meant is blessed:
`dome contracts bless`."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    parser = add_verb(
        verbs, "check", summary="Check that the contracts keep what was promised", examples=_EXAMPLES, run=_check
    )
    parser.add_argument(
        "source",
        metavar="SOURCE",
        nargs="?",
        help="what is checked (default: contracts/jsonschema of this repository, else this directory)",
    )
    parser.add_argument(
        "--against",
        metavar="REF|DIR|baseline",
        help="what was promised (default: the baseline where this repository has one, else HEAD)",
    )
    comparing.add_options(parser)


def _check(arguments: Namespace, console: "Console") -> int:
    from dome_spec.contracts.check import check
    from dome_spec.contracts.layout import Layout
    from dome_spec.contracts.sources import SourceEmpty, load

    layout = Layout.find(console.directory)
    source = arguments.source or (str(layout.schemas) if layout.schemas.is_dir() else ".")
    against = arguments.against or ("baseline" if layout.baseline.is_dir() else "HEAD")
    olds = _promised(against, source, console)
    new = load(source, console.directory, beside=against, progress=console.progress)
    if not new.documents and not new.problems and not any(old.documents for old in olds):
        raise SourceEmpty(new.origin, new.skipped_count)
    return comparing.show(check(olds, new, comparing.options(arguments, console)), arguments, console)


def _promised(against: str, source: str, console: "Console") -> "list[SchemaSet]":
    from dome_spec.contracts.baseline import baselines
    from dome_spec.contracts.layout import Layout
    from dome_spec.contracts.sources import is_baseline, load, load_baseline

    if not is_baseline(against, console.directory):
        return [load(against, console.directory, beside=source, progress=console.progress)]
    layout = Layout.find(console.directory)
    if not layout.baseline.is_dir():
        load_baseline(layout)  # says what is missing
    return baselines(layout)
