"""The page of a pinned bundle, `docs/migrations/<bundle>.md`: what each update asks of consumers. Text in, text out."""

import json
from collections.abc import Iterator, Sequence
from typing import Final

from dome_contracts.schema.control.pin import Pin
from dome_spec.contracts.compatibility import Change, Witness
from dome_spec.contracts.pins.advice import advice, nothing, place_shown
from dome_spec.contracts.pins.drift import MemberChange

WITNESS_CHARACTERS_MAX: Final = 2000
"""Longest witness that is shown in full."""
_HEAD: Final = """# Migration notes: {bundle}

What each update of the pinned bundle changed, and what a consumer of it must do. `dome contracts pin update` adds the
sections; none is edited.
"""


def with_section(text: str, bundle: str, section: str) -> str:
    """The page with the section at its end; unchanged where it stands there."""
    page = text or _HEAD.format(bundle=bundle)
    return page if section in page else f"{page.rstrip()}\n\n{section}"


def section(before: Pin, after: Pin, found: Sequence[MemberChange], *, adr: str) -> str:
    """What an update did. Equal updates have equal text."""
    lines = [f"## {before.version} to {after.version}: {_short(before)} to {_short(after)}", ""]
    lines += [f"- From {_whole(before)}.", f"- To {_whole(after)}."]
    lines += [f"- Decided in ADR {adr}."] if adr else []
    for word, names in (("Added", _names(after) - _names(before)), ("Left", _names(before) - _names(after))):
        lines += [f"- {word}: {', '.join(f'`{name}`' for name in sorted(names))}."] if names else []
    changed = [each for each in found if each.changes or each.kind != "changed" or each.data]
    lines += ["", *_table(changed)] if changed else ["", "No file changed at its owner's."]
    for each in changed:
        lines += ["", f"### {each.member.name}", "", *_member(each)]
    return "\n".join(lines).rstrip() + "\n"


def _table(found: Sequence[MemberChange]) -> Iterator[str]:
    yield "| member | what | verdict | what a consumer must do |"
    yield "|---|---|---|---|"
    for each in found:
        remedy = next((advice(one) for one in each.changes if one.verdict is each.verdict), nothing())
        yield f"| `{each.member.name}` | {each.kind} | {each.verdict} | {_cell(remedy)} |"


def _member(of: MemberChange) -> Iterator[str]:
    if of.kind == "moved":
        yield f"The owner has it at `{of.path}`, and had it at `{of.member.upstream_path}`."
        yield ""
    if of.against == "rendering":
        yield "Compared with our rendering: the owner's earlier file is not to be had."
        yield ""
    if not of.changes:
        yield "Nothing that a consumer could notice."
    for change in of.changes:
        yield from _change(change)


def _change(of: Change) -> Iterator[str]:
    at = f" At `{place_shown(of)}`." if of.place else ""
    yield f"- **{of.verdict}** (`{of.rule}`): {_line(of.what)}{at}"
    if of.witness is not None:
        yield from _witness(of.witness)
    yield f"  What to do: {_line(advice(of))}"


def _witness(of: Witness) -> Iterator[str]:
    text = json.dumps(of.document, indent=2)
    if len(text) > WITNESS_CHARACTERS_MAX:
        text = f"{text[:WITNESS_CHARACTERS_MAX]}\n..."
    yield ""
    yield "  ```json"
    yield from (f"  {line}" for line in text.splitlines())
    yield "  ```"
    yield ""


def _names(pin: Pin) -> set[str]:
    return {str(each.name) for each in pin.members}


def _short(pin: Pin) -> str:
    """The commit in short; of a directory the digest of its first member."""
    return str(pin.source.commit or pin.members[0].digest.removeprefix("sha256:"))[:12]


def _whole(pin: Pin) -> str:
    commit = f", commit `{pin.source.commit}`" if pin.source.commit else ""
    return f"version {pin.version} of `{pin.source.location}`{commit}"


def _cell(text: str) -> str:
    return _line(text).replace("|", "\\|")


def _line(text: str) -> str:
    """On one line, without characters that a terminal or a page would obey."""
    return "".join(each if each.isprintable() else " " for each in " ".join(text.split())).replace("<", "&lt;")
