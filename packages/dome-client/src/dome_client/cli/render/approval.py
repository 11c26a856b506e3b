"""What somebody approves, and what was approved, as text for people. A tool's own words cannot steer the terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from dome_client.cli.render.words import columns, moment, printable

if TYPE_CHECKING:
    from dome_contracts.runtime.v1 import ToolApproval, ToolDescriptor, ToolEffects, ToolSummary

FILES_SHOWN_MAX: Final = 50


def subject(descriptor: "ToolDescriptor") -> str:
    """Everything that an approval of the tool lets happen."""
    summary = descriptor.summary
    if summary is None:
        return ""
    rows = [
        ("tool", f"{summary.tool_id} {summary.version}"),
        ("title", summary.title),
        ("does", summary.short_description),
        ("from", f"{summary.origin.name}: {descriptor.location}"),
        ("digest", summary.tool_digest),
        *_runs(descriptor),
        ("effects", _effects(descriptor.effects)),
        ("permissions", ", ".join(each.name for each in descriptor.permissions) or "none"),
        ("locks", ", ".join(descriptor.locks) or "none"),
        ("environment", ", ".join(descriptor.environment_from_caller) or "none of the caller's"),
    ]
    shown = descriptor.files[:FILES_SHOWN_MAX]
    files = columns([(f"  {printable(each.path)}", f"{each.size_bytes} bytes", each.digest) for each in shown])
    if more := len(descriptor.files) - len(shown):
        files.append(f"  and {more} more; `dome tool {summary.tool_id} --json` has them all")
    head = columns([(name, printable(value)) for name, value in rows])
    return "\n".join([*head, "files that the digest covers:", *(files or ["  none"])])


def table(approvals: Sequence["ToolApproval"]) -> str:
    """A line for each approval."""
    rows = [(each.tool_id, moment(each.approve_time), each.tool_digest, printable(each.root)) for each in approvals]
    return "\n".join(columns([("TOOL", "APPROVED", "DIGEST", "IN"), *rows]))


def still_trusted(summary: "ToolSummary") -> str:
    """Why a tool runs without an approval."""
    reason = (
        "it was shipped with the daemon"
        if summary.origin.name == "BUILT_IN"
        else f"its digest {summary.tool_digest} is approved here or stands in `trust.digests` of the configuration"
    )
    return f"{summary.tool_id} can still be run: {reason}."


def _runs(descriptor: "ToolDescriptor") -> list[tuple[str, str]]:
    # One argument a row, so that none can look like two.
    rows = [("runs" if not index else "", repr(word)) for index, word in enumerate(descriptor.command)]
    if descriptor.arguments_from:
        rows.append(("" if rows else "runs", f"and the words at {descriptor.arguments_from} of the input"))
    return rows or [("runs", "nothing: it is a document")]


def _effects(effects: "ToolEffects | None") -> str:
    if effects is None:
        return "none declared"
    processes = "starts other programs" if effects.starts_processes else "starts no other program"
    where = f" ({_places(effects.writes)})" if effects.writes_listed else ""
    required = "; refused where that is not held" if effects.enforcement_required else ""
    return f"filesystem {effects.filesystem.name}{where}, network {effects.network.name}, {processes}{required}"


def _places(writes: Sequence[str]) -> str:
    """Where it writes. A comma in a path must not make it look like two."""
    return f"only {', '.join(map(repr, writes))} and scratch" if writes else "only scratch"
