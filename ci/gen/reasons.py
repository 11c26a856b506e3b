"""Turns `contracts/reasons.yaml` into three modules that never meet: wire errors, failures and policy denials.

The modules need the standard library only, so that each plane imports the one it may know.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

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
RPC_KEYS: Final = ("reason", "grpc", "retryable", "meaning", "remedy", "metadata")
FAILURE_KEYS: Final = ("code", "class", "retryable", "meaning", "remedy")
POLICY_KEYS: Final = ("code", "meaning", "remedy")

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


def generate(root: Path, descriptors: bytes) -> Tree:
    """The three modules. Raises GenerationError where catalogue and `ErrorReason` disagree."""
    catalogue = registry(root, "reasons.yaml")
    rpc = _entries(catalogue, "rpc_errors", RPC_KEYS)
    failures = _entries(catalogue, "failure_reasons", FAILURE_KEYS)
    policies = _entries(catalogue, "policy_reasons", POLICY_KEYS)
    numbers = error_reasons(descriptors, ERROR_ENUM)
    _agree({str(row["reason"]) for row in rpc}, set(numbers))
    modules = {
        "rpc_errors": _rpc_module(str(catalogue.get("domain", "")), rpc, numbers),
        "failure_reasons": _failure_module(failures),
        "policy_reasons": _policy_module(policies),
    }
    return {f"{PACKAGE}/{name}.py": (header(SOURCE) + source).encode() for name, source in modules.items()}


def _entries(catalogue: Any, section: str, keys: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of one section, each with exactly these keys, no name twice."""
    rows = catalogue.get(section) if isinstance(catalogue, Mapping) else None
    if not isinstance(rows, list):
        raise GenerationError(f"{SOURCE} has no list {section}.")
    names: set[str] = set()
    for row in rows:
        row.setdefault("metadata", []) if "metadata" in keys else None
        if set(row) != set(keys):
            odd = ", ".join(sorted(set(row) ^ set(keys)))
            raise GenerationError(f"{SOURCE}: {section}, {row.get(keys[0])}: these keys are missing or unknown: {odd}.")
        if row[keys[0]] in names:
            raise GenerationError(f"{SOURCE}: {section} has {row[keys[0]]} twice. Remove one.")
        names.add(row[keys[0]])
    return rows


def _agree(catalogued: set[str], declared: set[str]) -> None:
    if odd := sorted(declared - catalogued):
        raise GenerationError(f"{ERROR_ENUM} declares {', '.join(odd)}; add a row to rpc_errors in {SOURCE}.")
    if odd := sorted(catalogued - declared):
        raise GenerationError(f"{SOURCE} has {', '.join(odd)}; add a value to {ERROR_ENUM}.")


def _rpc_module(domain: str, rows: list[dict[str, Any]], numbers: Mapping[str, int]) -> str:
    if not domain:
        raise GenerationError(f"{SOURCE} has no `domain`: the domain of ErrorInfo.")
    lines = []
    for row in rows:
        if row["grpc"] not in GRPC_CODES:
            raise GenerationError(f"{SOURCE}: {row['reason']}: {row['grpc']} is no gRPC status.")
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
