"""Checks of the doctor and the state of the daemon, as text and as JSON."""

from typing import TYPE_CHECKING, Any, Final

from dome_client.cli.render.document import timestamp
from dome_client.cli.render.words import columns, moment, paint, printable

if TYPE_CHECKING:
    from dome_client.doctor import Check
    from dome_client.service import Status

_COLOURS: Final = {"ok": "green", "warning": "yellow", "problem": "red"}


def check_text(check: "Check", *, colour: bool) -> str:
    """The verdict, what was found, and for a bad one why it matters and what to do."""
    verdict = check.verdict.value
    head = f"{paint(f'{verdict:<7}', _COLOURS[verdict], colour=colour)}  {check.name}: {check.what}"
    more = [f"         {label}: {text}" for label, text in (("why", check.why), ("repair", check.repair)) if text]
    return "\n".join([printable(head) if not colour else head, *(printable(line) for line in more)])


def check_document(check: "Check") -> dict[str, Any]:
    """The same as one JSON object."""
    whole = {"check": check.name, "verdict": check.verdict.value, "what": check.what}
    return whole | {name: text for name, text in (("why", check.why), ("repair", check.repair)) if text}


def status_text(status: "Status") -> str:
    """How the daemon stands."""
    rows = [("endpoint", f"{status.endpoint} (from {status.endpoint.source})")]
    rows.append(("daemon", "running" if status.running else "not running"))
    if status.running:
        rows += [("process", str(status.pid) if status.pid is not None else "not known")]
        rows += [("version", status.version), ("since", moment(status.start_time))]
    return "\n".join(columns([(name, printable(value)) for name, value in rows]))


def status_document(status: "Status") -> dict[str, Any]:
    """The same as one JSON object."""
    whole: dict[str, Any] = {"endpoint": str(status.endpoint), "running": status.running}
    if status.running:
        whole |= {"pid": status.pid, "server_version": status.version}
    if status.start_time is not None:
        whole["start_time"] = timestamp(status.start_time)
    return whole
