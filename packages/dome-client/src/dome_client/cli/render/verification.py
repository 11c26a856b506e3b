"""What came of verifying a record, as text and as JSON."""

from typing import TYPE_CHECKING, Any

from dome_client.cli.render.words import paint, printable

if TYPE_CHECKING:
    from dome_client.history import Finding, Verification


def text(found: "Verification", *, colour: bool) -> str:
    """A line for each check, and one for each thing that is wrong."""
    lines = []
    for check in found.checks:
        broken = found.of(check)
        verdict = paint("broken", "red", colour=colour) if broken else paint("ok    ", "green", colour=colour)
        lines += [f"{verdict}  {check.value:<9}  {_words(each)}" for each in broken] or [f"{verdict}  {check.value}"]
    count = f"{found.events} events up to seq {found.last_seq}"
    if found.holds:
        return "\n".join([*lines, f"{found.job_id} holds: {count}, head {found.computed_chain_head}"])
    return "\n".join([*lines, f"{found.job_id} is broken: {count}, faults: {len(found.findings)}"])


def document(found: "Verification") -> dict[str, Any]:
    """The same as one JSON object."""
    return {
        "job_id": found.job_id,
        "verified": found.holds,
        "events": found.events,
        "last_seq": found.last_seq,
        "chain_head": found.chain_head,
        "computed_chain_head": found.computed_chain_head,
        "checks": [{"check": check.value, "holds": not found.of(check)} for check in found.checks],
        "findings": [
            {"check": each.check.value, "message": each.message, "event_ids": list(each.event_ids)}
            for each in found.findings
        ],
    }


def _words(finding: "Finding") -> str:
    unnamed = [name for name in finding.event_ids if name not in finding.message]
    if len(unnamed) > 2:
        unnamed = [unnamed[0], "...", unnamed[-1]]
    return printable(f"{finding.message} ({' '.join(unnamed)})" if unnamed else finding.message)
