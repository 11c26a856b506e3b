"""Turns `contracts/reasons.yaml` into modules that keep the namespaces apart: wire errors, failures, policy denials.

A fourth one says which failure or denial each code of a pinned bundle is. The modules need the standard library only,
so that each plane imports the one it may know. The catalogue is held to the schema of control/reason_codes.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import jsonschema_rs

from ci.gen.literals import literal, member, registry, text
from ci.gen.proto import error_reasons
from ci.gen.tree import PACKAGE, GenerationError, Tree, header

SOURCE: Final = "contracts/reasons.yaml"
ERROR_ENUM: Final = "dome.errors.v1.ErrorReason"
# The status codes of gRPC, by number.
GRPC_CODES: Final = (
    *("OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS"),
    *("PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE"),
    *("UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"),
)
SCHEMA: Final = "contracts/jsonschema/control/v1/reason_codes.json"
SHARED: Final = "contracts/jsonschema/shared/v1/definitions.json"
SECTIONS: Final = {"rpc_errors": "reason", "failure_reasons": "code", "policy_reasons": "code"}
FAULTS_SHOWN_MAX: Final = 5

RPC_MODULE: Final = '''"""Why a call can fail: each reason with its gRPC status, whether to retry, and the remedy."""

from types import MappingProxyType
from typing import Final, Mapping, NamedTuple


class RpcError(NamedTuple):
    """One reason of a failed call. `number` is that of `ErrorReason`, `grpc_status` that of the gRPC status."""

    reason: str
    number: int
    grpc_status: int
    grpc_name: str
    retryable: bool
    meaning: str
    remedy: str
    metadata: tuple[str, ...]


DOMAIN: Final = {domain}
"""The domain of every `google.rpc.ErrorInfo` of this contract."""

RPC_ERRORS: Final[Mapping[str, RpcError]] = MappingProxyType(
    {{
{rows}    }}
)
"""By the name that `ErrorReason` has without its prefix; the same text travels as `ErrorInfo.reason`."""
'''

CODES_MODULE: Final = '''"""{doc}"""

from enum import StrEnum
from types import MappingProxyType
from typing import Final, Mapping, NamedTuple


class {enum}(StrEnum):
    """{enum_doc}"""

{members}

class {entry}(NamedTuple):
    """What the catalogue says of one reason."""

    code: {enum}
{fields}

{constant}: Final[Mapping[{enum}, {entry}]] = MappingProxyType(
    {{
{rows}    }}
)
"""The whole catalogue, in its order."""
'''


PINNED_MODULE: Final = '''"""{doc}"""

from types import MappingProxyType
from typing import Final, Mapping

from dome_contracts.failure_reasons import FailureReason
from dome_contracts.policy_reasons import PolicyReason

PINNED_REASONS: Final[Mapping[str, Mapping[str, FailureReason | PolicyReason]]] = MappingProxyType(
    {{
{bundles}    }}
)
"""By bundle and by the code as the bundle writes it. The type says whether it is a failure or a denial."""
'''


def generate(root: Path, descriptors: bytes) -> Tree:
    """The four modules. Raises GenerationError for a catalogue out of shape, or at odds with itself or `ErrorReason`.

    A pinned code is a reason that its namespace has.
    """
    catalogue = registry(root, "reasons.yaml")
    _check_shape(root, catalogue)
    for section, key in SECTIONS.items():
        _check_once(section, [row[key] for row in catalogue[section]])
    rpc, failures, policies = (catalogue[section] for section in SECTIONS)
    pinned = catalogue.get("pinned_reasons", [])
    _check_once("pinned_reasons", [f"{row['bundle']} {row['code']}" for row in pinned])
    numbers = error_reasons(descriptors, ERROR_ENUM)
    _agree({str(row["reason"]) for row in rpc}, set(numbers))
    modules = {
        "rpc_errors": _rpc_module(catalogue["domain"], rpc, numbers),
        "failure_reasons": _failure_module(failures),
        "policy_reasons": _policy_module(policies),
        "pinned_reasons": _pinned_module(
            pinned, {row["code"] for row in failures}, policies={row["code"] for row in policies}
        ),
    }
    return {f"{PACKAGE}/{name}.py": (header(SOURCE) + source).encode() for name, source in modules.items()}


def _check_shape(root: Path, catalogue: Any) -> None:
    """The schema of the family control/reason_codes accepts the catalogue."""
    schema, shared = (json.loads((root / path).read_text(encoding="utf-8")) for path in (SCHEMA, SHARED))
    validator = jsonschema_rs.Draft202012Validator(
        schema, registry=jsonschema_rs.Registry([(shared["$id"], shared)]), validate_formats=True
    )
    faults = [_fault(error) for error in validator.iter_errors(catalogue)]
    if faults:
        more = f"; and {len(faults) - FAULTS_SHOWN_MAX} more" if len(faults) > FAULTS_SHOWN_MAX else ""
        shown = "; ".join(faults[:FAULTS_SHOWN_MAX])
        raise GenerationError(f"{SOURCE} is refused by {SCHEMA}: {shown}{more}. Mend the places that are named.")


def _fault(error: Any) -> str:
    place = "".join(f"/{step}" for step in error.instance_path)
    return f"{place or 'the whole'}: {error.message}"


def _check_once(section: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise GenerationError(f"{SOURCE}: {section} has {name} twice. Remove one.")
        seen.add(name)


def _agree(catalogued: set[str], declared: set[str]) -> None:
    if odd := sorted(declared - catalogued):
        raise GenerationError(f"{ERROR_ENUM} declares {', '.join(odd)}; add a row to rpc_errors in {SOURCE}.")
    if odd := sorted(catalogued - declared):
        raise GenerationError(f"{SOURCE} has {', '.join(odd)}; add a value to {ERROR_ENUM}.")


def _rpc_module(domain: str, rows: list[dict[str, Any]], numbers: Mapping[str, int]) -> str:
    lines = []
    for row in rows:
        status = (numbers[row["reason"]], GRPC_CODES.index(row["grpc"]), row["grpc"], row["retryable"])
        cells = (row["reason"], *status, row["meaning"], row["remedy"], tuple(row["metadata"]))
        lines.append(_row("RpcError", text(row["reason"]), [literal(cell) for cell in cells]))
    return RPC_MODULE.format(domain=text(domain), rows="".join(lines))


def _failure_module(rows: list[dict[str, Any]]) -> str:
    return _codes_module(
        rows,
        enum="FailureReason",
        entry="Failure",
        constant="FAILURE_REASONS",
        doc="What can go wrong in the work of a job. Says nothing of what is allowed: that is `policy_reasons`.",
        enum_doc="What went wrong. The value travels as `failure_reason_code`.",
        columns=(("failure_class", "str", "class"), ("retryable", "bool", "retryable"), *_PROSE),
    )


def _policy_module(rows: list[dict[str, Any]]) -> str:
    return _codes_module(
        rows,
        enum="PolicyReason",
        entry="Policy",
        constant="POLICY_REASONS",
        doc="Why a guard can refuse. Never seen by the daemon; says nothing of failures: that is `failure_reasons`.",
        enum_doc="Why it was refused. The value travels as `policy_reason_code`.",
        columns=_PROSE,
    )


def _pinned_module(rows: list[dict[str, Any]], failures: set[str], *, policies: set[str]) -> str:
    """The codes by bundle. Raises GenerationError for one that is a reason which its namespace does not have."""
    known = {"failure_reason_code": ("FailureReason", failures), "policy_reason_code": ("PolicyReason", policies)}
    bundles: dict[str, str] = {}
    for row in rows:
        (field,) = row.keys() & known.keys()
        enum, codes = known[field]
        if row[field] not in codes:
            what = f"{row['bundle']} {row['code']} is the {field} {row[field]}, which the catalogue does not have"
            raise GenerationError(f"{SOURCE}: {what}. Add it to its section, or name another.")
        entry = f"                {text(row['code'])}: {enum}.{member(row[field])},\n"
        bundles[row["bundle"]] = bundles.get(row["bundle"], "") + entry
    return PINNED_MODULE.format(
        doc="Which of our reasons each code of a pinned bundle is. Never seen by the daemon: some of them are denials.",
        bundles="".join(f"        {text(name)}: MappingProxyType({{\n{rows}}}),\n" for name, rows in bundles.items()),
    )


_PROSE: Final = (("meaning", "str", "meaning"), ("remedy", "str", "remedy"))


def _codes_module(
    rows: list[dict[str, Any]],
    *,
    enum: str,
    entry: str,
    constant: str,
    doc: str,
    enum_doc: str,
    columns: Sequence[tuple[str, str, str]],
) -> str:
    """A module with an enum of codes, and what the catalogue says of each."""
    members, lines = "", []
    for row in rows:
        name = f"{enum}.{member(row['code'])}"
        members += f"    {member(row['code'])} = {text(row['code'])}\n    {_docstring(row['meaning'])}\n"
        lines.append(_row(entry, name, [name, *(literal(row[key]) for _, _, key in columns)]))
    fields = "".join(f"    {name}: {kind}\n" for name, kind, _ in columns)
    return CODES_MODULE.format(
        doc=doc, enum=enum, enum_doc=enum_doc, entry=entry, constant=constant,
        members=members, fields=fields, rows="".join(lines),
    )  # fmt: skip


def _docstring(sentence: str) -> str:
    return f'"""{text(sentence)[1:-1]}"""'


def _row(entry: str, key: str, cells: list[str]) -> str:
    return f"        {key}: {entry}({', '.join(cells)}),\n"
