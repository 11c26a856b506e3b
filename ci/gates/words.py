"""The gate on words: one word for a concept in every layer, no module without a noun, no history in comments."""

import ast
import re
import tokenize
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Final

from ci.gates.finding import Finding
from ci.gates.sources import OURS, Module, modules

NAMELESS: Final = frozenset({"utils", "util", "helpers", "helper", "common", "manager", "misc", "base_service"})
# Only forms that cannot be meant otherwise: `now` and `new` alone are honest words.
MARKER: Final = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
HISTORY: Final = re.compile(
    r"\b[Ll]egacy\b|\b[Ff]or now\b|\b(is|are) now\b|\bnow (uses?|has|have|is|are|we)\b"
    r"|\bused to be\b|\b(the|our) new (way|version|implementation|approach|code)\b|\b(issue|ticket|PR) ?#?\d+"
    r"|\b[Ss]ee #\d+|\(#\d+\)"
)


def check(tree: Path) -> list[Finding]:
    """Module names that say nothing, and comments or docstrings that tell history."""
    return [found for module in modules(tree, OURS) for found in (*_name(module), *_prose(module))]


def _name(module: Module) -> Iterator[Finding]:
    for part in module.name.split("."):
        if part in NAMELESS:
            yield Finding(module.path, f"`{part}` is no noun", "Name the module after what it is responsible for.")


def _prose(module: Module) -> Iterator[Finding]:
    comments = list(_comments(module))
    for line, text in comments:
        if marker := MARKER.search(text):
            yield Finding(f"{module.path}:{line}", f"'{marker[0]}' leaves work behind", "Do it, or open an issue.")
    for line, text in (*comments, *_docstrings(module)):
        if found := HISTORY.search(text):
            remedy = "Say why, or what is promised; history is in git and in the ADRs."
            yield Finding(f"{module.path}:{line}", f"'{found[0]}' tells when, not why", remedy)


def _comments(module: Module) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(StringIO(module.text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def _docstrings(module: Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module.syntax):
        match node:
            case ast.Module() | ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                if text := ast.get_docstring(node, clean=False):
                    yield node.body[0].lineno, text
