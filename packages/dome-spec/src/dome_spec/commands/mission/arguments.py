"""Arguments that several verbs share. Loads nothing: parsers are built for every use of the command."""

from argparse import ArgumentParser, ArgumentTypeError
from typing import Final

VARIABLE: Final = "DOME_EFFECTOR"
"""Names who acts, where the command does not."""
FORM: Final = "kind:id[,role=R][,profile=P][,tool=T][,model=M]"
"""How an effector is written."""

_LINE_CHARACTERS_MAX: Final = 240
_PROSE_CHARACTERS_MAX: Final = 16_384


def line(text: str) -> str:
    """A line for people, as documents take it. Raises ArgumentTypeError."""
    if any(each in text for each in "\r\n"):
        raise ArgumentTypeError("it has more than one line")
    return _readable(text, _LINE_CHARACTERS_MAX)


def prose(text: str) -> str:
    """Text for people, as documents take it. Raises ArgumentTypeError."""
    return _readable(text, _PROSE_CHARACTERS_MAX)


def _readable(text: str, characters_max: int) -> str:
    if not text.strip():
        raise ArgumentTypeError("it says nothing")
    if len(text) > characters_max:
        raise ArgumentTypeError(f"it has {len(text)} characters, and at most {characters_max} are kept")
    if any("\ud800" <= each <= "\udfff" for each in text):
        raise ArgumentTypeError("it is no UTF-8: write it in that encoding")
    return text


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
