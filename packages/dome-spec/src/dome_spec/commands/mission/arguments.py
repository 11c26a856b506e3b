"""Arguments that several verbs share. Loads nothing: parsers are built for every use of the command."""

from argparse import ArgumentParser
from typing import Final

VARIABLE: Final = "DOME_EFFECTOR"
"""Names who acts, where the command does not."""
FORM: Final = "kind:id[,role=R][,profile=P][,tool=T][,model=M]"
"""How an effector is written."""


def add_witness(parser: ArgumentParser) -> None:
    """The two ways to show what one was told."""
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--witness", metavar="DIGEST@VERSION", help="what the artefact says of itself in its last line")
    shown.add_argument("--artefact", metavar="FILE", help="the artefact itself, text or JSON; `-` for standard input")


def add_acting(parser: ArgumentParser) -> None:
    """The option that says who acts."""
    parser.add_argument(
        "--as", dest="acting", metavar="EFFECTOR", help=f"who acts: {FORM} (default: ${VARIABLE}, else you)"
    )
