"""Tools, jobs, provenance and checks as text for people."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from dome_client.cli.render.event import progress_line
from dome_client.cli.render.words import asked_by, columns, duration, moment, paint, printable

if TYPE_CHECKING:
    from dome_contracts.runtime.v1 import (
        CatalogProblem,
        EffectsEnforcement,
        Job,
        RunProvenance,
        ToolDescriptor,
        ToolSummary,
    )

_STATE_COLOURS: Final = {"SUCCEEDED": "green", "FAILED": "red", "CANCELED": "yellow", "RUNNING": "blue"}


def tools(summaries: Sequence["ToolSummary"]) -> str:
    """A line for each tool."""
    rows = [(each.tool_id, each.version or "-", _notes(each), printable(each.short_description)) for each in summaries]
    return "\n".join(columns([("TOOL", "VERSION", "NOTES", "WHAT IT DOES"), *rows])) if rows else "No tools."


def problem(found: "CatalogProblem") -> str:
    """An entry that the catalog leaves out."""
    places = f" ({', '.join(found.pointers)})" if found.pointers else ""
    kind = "hidden" if found.kind.name == "COLLISION" else "left out"
    return printable(f"{kind}: {found.path}: {found.message}{places}")


def tool(descriptor: "ToolDescriptor") -> str:
    """Everything about one tool; a document is its text."""
    summary = descriptor.summary
    if summary is None:
        return ""
    if summary.kind.name == "DOCUMENT":
        return descriptor.description
    rows = [
        ("tool", f"{summary.tool_id} {summary.version}"),
        ("digest", summary.tool_digest),
        ("trust", f"{summary.trust.name}, {summary.origin.name}"),
        ("location", printable(descriptor.location)),
        ("executor", summary.executor_backend),
        ("runs", " ".join(repr(each) for each in descriptor.command) or "what the input names"),
        ("permissions", ", ".join(each.name for each in descriptor.permissions) or "none"),
        ("notes", _notes(summary)),
        ("locks", ", ".join(descriptor.locks) or "none"),
        ("environment", ", ".join(descriptor.environment_from_caller) or "none of the caller's"),
    ]
    schemas = [
        f"{name} schema:\n{schema.decode('utf-8', errors='replace').strip()}"
        for name, schema in (("input", descriptor.input_schema_document), ("result", descriptor.output_schema_document))
        if schema
    ]
    return "\n\n".join([printable(summary.title), descriptor.description.strip(), "\n".join(columns(rows)), *schemas])


def job(found: "Job", *, colour: bool) -> str:
    """One job as it stands."""
    rows = [
        ("job", found.job_id),
        ("state", painted_state(found.state.name, colour=colour)),
        ("tool", f"{found.skill_id} {found.tool_version}"),
        ("accepted", moment(found.create_time)),
        ("started", moment(found.start_time)),
        ("ended", moment(found.end_time)),
        ("ran", duration(found.start_time, found.end_time)),
        ("events", str(found.last_seq)),
        *([("retry of", found.retry_of_job_id)] if found.retry_of_job_id else []),
        ("directory", printable(found.working_directory) or "(scratch)"),
    ]
    if found.progress is not None:
        rows.append(("progress", progress_line(found.progress)))
    if found.cancel_requested:
        rows.append(("cancel", "asked for"))
    outcome = found.outcome
    if outcome is not None:
        rows.append(("cause", outcome.cause.name))
        rows += [("exit code", str(outcome.exit_code))] if outcome.exit_code is not None else []
        rows += [("signal", str(outcome.signal))] if outcome.signal is not None else []
        rows += [("reason", outcome.failure_reason_code)] if outcome.failure_reason_code not in ("", "NONE") else []
        rows += [("message", printable(outcome.message))] if outcome.message else []
        rows += [("result", printable(outcome.result.decode("utf-8", errors="replace")))] if outcome.result else []
    rows += [
        ("artifact", printable(f"{each.name}  {each.size_bytes} bytes  {each.digest}")) for each in found.artifacts
    ]
    return "\n".join(columns(rows))


def provenance(record: "RunProvenance") -> str:
    """Where, with what and from what a job ran."""
    dirty = {True: "yes", False: "no", None: "not known"}[record.dirty_flag]
    state = record.repository_state.name + (
        f": {record.repository_state_reason}" if record.repository_state_reason else ""
    )
    rows = [
        ("repository", record.repo or "none"),
        ("state", state),
        ("commit", record.commit_sha or "none"),
        ("branch", record.branch or "none"),
        ("remote", record.remote or "none"),
        ("dirty", dirty),
        ("directory", record.working_directory),
        *((f"version of {name}", version) for name, version in sorted(record.tool_versions.items())),
        *((f"contract {name}", digest) for name, digest in sorted(record.contract_hashes.items())),
        ("tool digest", record.tool_digest),
        ("input", record.input_hash),
        ("result", record.result_digest or "none"),
        ("stdout", record.stdout_digest or "not yet"),
        ("stderr", record.stderr_digest or "not yet"),
        *(("artifact", f"{each.name}  {each.size_bytes} bytes  {each.digest}") for each in record.artifacts),
        ("environment", record.env_fingerprint),
        ("platform", record.platform),
        ("effects", _effects(record.effects_enforcement)),
        ("captured", moment(record.capture_time)),
    ]
    if record.requester is not None:
        rows.append(("asked by", asked_by(record.requester)))
    rows += [("retry of", record.retry_of_job_id)] if record.retry_of_job_id else []
    return "\n".join(columns([(name, printable(value)) for name, value in rows]))


def _effects(enforced: "EffectsEnforcement | None") -> str:
    """How far each effect was held."""
    if enforced is None:
        return "not known"
    parts = {"filesystem": enforced.filesystem, "network": enforced.network, "processes": enforced.processes}
    return ", ".join(f"{name} {how.name}" for name, how in parts.items())


def _notes(summary: "ToolSummary") -> str:
    hints = summary.hints
    words = ["document"] if summary.kind.name == "DOCUMENT" else []
    if hints is not None:
        words += [
            word
            for word, holds in (
                ("read-only", hints.read_only),
                ("destructive", hints.destructive),
                ("open-world", hints.open_world),
            )
            if holds
        ]
    if summary.trust.name == "UNTRUSTED":
        words.append("untrusted")
    return ",".join(words) or "-"


def painted_state(name: str, *, colour: bool) -> str:
    """The name of a state of a job, in its colour."""
    return paint(name, _STATE_COLOURS.get(name, "dim"), colour=colour)
