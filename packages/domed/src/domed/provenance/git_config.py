"""Reads the configuration file of one repository: the remote's URL, and whether it names programs.

Follows no includes and reads no configuration of the user: only what came with the repository is judged.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from domed.provenance.repository import Repository, Unreadable, open_regular

CONFIG_BYTES_MAX: Final = 1024 * 1024
URL_CHARACTERS_MAX: Final = 2048

_BLANK: Final = re.compile(r"(?:\s|[#;][^\n]*)*")
_SECTION: Final = re.compile(r"""\[([-.A-Za-z0-9]+)(?:[ \t]+"((?:[^"\\\n]|\\[^\n])*)")?\]""")
_NAME: Final = re.compile(r"([A-Za-z][-A-Za-z0-9]*)[ \t]*(=|(?=\n)|\Z)")
_ESCAPE: Final = re.compile(r"\\(.)")
_ESCAPED: Final = {"n": "\n", "t": "\t", "b": "\b", '"': '"', "\\": "\\", "\n": ""}
_SCP_LIKE: Final = re.compile(r"[^/@:\s]+@([^/:\s]+:.*)", re.DOTALL)
_COMMENTS: Final = "#;"


class Entry(NamedTuple):
    """One variable. Section and name in lower case."""

    section: str
    subsection: str
    name: str
    value: str


def entries(repository: Repository) -> tuple[Entry, ...]:
    """The variables of the repository's own configuration, in order. Raises Unreadable."""
    files = (repository.common_dir / "config", repository.git_dir / "config.worktree")
    return tuple(entry for file in files for entry in parse(_read(file)))


def origin(configured: tuple[Entry, ...]) -> str:
    """The URL of the remote `origin` without user name and password; empty where there is none."""
    for section, subsection, name, value in configured:
        if (section, subsection, name) == ("remote", "origin", "url"):
            return without_credentials(value)[:URL_CHARACTERS_MAX]
    return ""


def program_named(configured: tuple[Entry, ...]) -> str:
    """A variable by which looking at the working tree would run a program, or which could hide one; else empty."""
    for section, subsection, name, _ in configured:
        if section == "filter" and name in {"clean", "process", "smudge"}:
            return f"filter.{subsection}.{name}"
        if section in {"include", "includeif"}:
            return f"{section}.path"
    return ""


def without_credentials(url: str) -> str:
    """A URL without user name, password, query and fragment, any of which may hold a secret."""
    if "://" in url:
        try:
            parts = urlsplit(url)
        except ValueError:
            # What cannot be taken apart cannot be cleaned.
            return ""
        return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
    if scp_like := _SCP_LIKE.fullmatch(url):
        return scp_like[1]
    return url


def parse(text: str) -> Iterator[Entry]:
    """The variables of a configuration text. Raises Unreadable for what git would not read either.

    Strict, because a line that git reads and this passes over could name a program.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    section = subsection = ""
    place = _after(_BLANK, text, 0)
    while place < len(text):
        if match := _SECTION.match(text, place):
            section, dot, after_dot = match[1].lower().partition(".")
            subsection = after_dot if dot else _ESCAPE.sub(r"\1", match[2] or "")
            place = match.end()
        elif match := _NAME.match(text, place):
            value, place = _value(text, match.end()) if match[2] else ("", match.end())
            yield Entry(section, subsection, match[1].lower(), value)
        else:
            raise Unreadable(f"its configuration has the odd line {text[place:].splitlines()[0][:80]!r}")
        place = _after(_BLANK, text, place)


def _value(text: str, start: int) -> tuple[str, int]:
    """The value that begins at `start`, unquoted and unescaped, and where its line ends."""
    value: list[str] = []
    kept = 0
    quoted = False
    place = start
    while place < len(text) and text[place] != "\n":
        letter = text[place]
        if letter in _COMMENTS and not quoted:
            place = _after(_BLANK, text, place)
            break
        place += 1
        if letter == '"':
            quoted = not quoted
            kept = len(value)
            continue
        if letter == "\\":
            letter = _ESCAPED.get(text[place : place + 1], "?")
            place += 1
            value.append(letter)
            kept = len(value)
        elif quoted or not letter.isspace():
            value.append(letter)
            kept = len(value)
        elif value:
            # White space between words counts, at the end it does not.
            value.append(letter)
    return "".join(value[:kept]), place


def _after(pattern: "re.Pattern[str]", text: str, place: int) -> int:
    match = pattern.match(text, place)
    return match.end() if match else place


def _read(file: Path) -> str:
    try:
        with open_regular(file) as opened:
            data = opened.read(CONFIG_BYTES_MAX + 1)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise Unreadable(f"its configuration cannot be read: {error.strerror}") from error
    if len(data) > CONFIG_BYTES_MAX:
        raise Unreadable(f"its configuration has more than {CONFIG_BYTES_MAX} bytes")
    return data.decode("utf-8", "replace")
