"""Markdown from values: tables and headings. Knows no page."""

from collections.abc import Iterable, Sequence


def head(title: str, source: str) -> str:
    """The begin of a generated page."""
    note = f"<!-- @generated from {source}. Do not edit: change the source, then run `python -m ci.docs`. -->"
    return f"{note}\n# {title}\n"


def table(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; cells may hold anything but line breaks and bars, which are replaced."""
    lines = [titles, ["---"] * len(titles), *rows]
    return "".join(f"| {' | '.join(cell(part) for part in line)} |\n" for line in lines)


def cell(value: object) -> str:
    """One cell's text."""
    return " ".join(str(value).split()).replace("|", "\\|")


def code(value: object) -> str:
    """The value as code; empty stays empty."""
    text = str(value)
    return f"`{text}`" if text else ""


def anchor(name: str) -> str:
    """The link target that a heading of this text has."""
    return "".join(part for part in name.lower().replace(" ", "-") if part.isalnum() or part in "-_")
