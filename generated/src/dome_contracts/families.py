# @generated from contracts/families.yaml. Do not edit: change the source, then run `just gen`.
"""The registry of contracts: a row for each schema family and each named part of the wire."""

from typing import Final, NamedTuple


class Family(NamedTuple):
    """One family: where it is declared, what it is for, who owns it and how stable it is."""

    family: str
    form: str
    path: str
    intent: str
    owner: str
    tier: str
    usage: str
    decision: str
    rationale: str


FAMILIES: Final[tuple[Family, ...]] = (
    Family(
        "runtime/tool_manifest",
        "json_schema",
        "jsonschema/runtime/v1/tool_manifest.json",
        "resource_spec",
        "domed",
        "experimental",
        "Read by the daemon's catalog from `tool.yaml`.",
        "new",
        "No earlier form says how a tool is started, held and described to an agent.",
    ),
    Family(
        "runtime/runtime_config",
        "json_schema",
        "jsonschema/runtime/v1/runtime_config.json",
        "resource_spec",
        "domed",
        "experimental",
        "Read by the daemon at start from `domed.toml`.",
        "extend",
        "Keeps the name and purpose of the earlier runtime configuration, for the daemon alone.",
    ),
    Family(
        "runtime/run_manifest",
        "json_schema",
        "jsonschema/runtime/v1/run_manifest.json",
        "event_log",
        "domed",
        "experimental",
        "Written by `dome provenance ID --format manifest`; documents one finished job.",
        "extend",
        "Holds the one provenance record; its seven frozen fields keep their names.",
    ),
    Family(
        "dome.runtime.v1.RuntimeService",
        "proto",
        "proto/dome/runtime/v1/service.proto",
        "job_invocation",
        "domed",
        "experimental",
        "Served by the daemon; called by the thin client and by any gRPC client.",
        "new",
        "The seam between the planes; carries the skill-execute and capability discovery contracts.",
    ),
    Family(
        "dome.runtime.v1.JobEvent",
        "proto",
        "proto/dome/runtime/v1/event.proto",
        "event_log",
        "domed",
        "experimental",
        "Stored by the daemon's ledger and streamed as stored.",
        "new",
        "Sequenced facts with pages of output; no earlier envelope carries either.",
    ),
    Family(
        "dome.runtime.v1.RunProvenance",
        "proto",
        "proto/dome/runtime/v1/provenance.proto",
        "event_log",
        "domed",
        "experimental",
        "Part of Started, Finished and Job; mapped field by field to runtime/run_manifest.",
        "extend",
        "The wire form of the frozen provenance record.",
    ),
    Family(
        "dome.errors.v1.ErrorReason",
        "proto",
        "proto/dome/errors/v1/errors.proto",
        "error",
        "domed",
        "experimental",
        "Reason of google.rpc.ErrorInfo in every failed call.",
        "new",
        "A namespace of its own, apart from failure and policy reasons.",
    ),
)
"""All families, in the order of the registry."""
