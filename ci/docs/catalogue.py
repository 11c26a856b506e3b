"""Pages of the catalogues: reasons and exit codes."""

from pathlib import Path
from typing import Any

import yaml

from ci.docs.markdown import code, head, table
from dome_contracts import exit_codes as codes


def reasons(tree: Path) -> str:
    """Three tables, one for each namespace, and what the codes of others are in them."""
    source = "contracts/reasons.yaml"
    catalogue = _registry(tree, source)
    rpc = (
        (code(row["reason"]), code(row["grpc"]), "yes" if row["retryable"] else "no", row["meaning"], row["remedy"])
        for row in catalogue["rpc_errors"]
    )
    failures = (
        (code(row["code"]), row["class"], "yes" if row["retryable"] else "no", row["meaning"], row["remedy"])
        for row in catalogue["failure_reasons"]
    )
    policies = ((code(row["code"]), row["meaning"], row["remedy"]) for row in catalogue["policy_reasons"])
    pinned = ((code(row["bundle"]), code(row["code"]), *_answer(row)) for row in catalogue.get("pinned_reasons", ()))
    return "\n".join(
        (
            head("Reasons", source),
            "Three namespaces that never mix. A reason is added, never removed, renamed or given another meaning.\n",
            "## Why a call could not be served\n",
            f"`ErrorReason`, in `google.rpc.ErrorInfo` with the domain `{catalogue['domain']}`.\n",
            table(("reason", "gRPC status", "retry helps", "meaning", "remedy"), rpc),
            "## What went wrong in the work of a job\n",
            "`failure_reason_code` of an outcome.\n",
            table(("code", "class", "retry helps", "meaning", "remedy"), failures),
            "## Why a guard refused\n",
            "`policy_reason_code`. The daemon never writes one; it never overwrites a failure reason.\n",
            table(("code", "meaning", "remedy"), policies),
            "## What the codes of pinned bundles are\n",
            "Each is exactly one of the above: a failure, or a refusal.\n",
            table(("bundle", "its code", "kind", "ours"), pinned),
        )
    )


def _answer(row: dict[str, str]) -> tuple[str, str]:
    is_failure = "failure_reason_code" in row
    return ("failure", code(row["failure_reason_code"])) if is_failure else ("refusal", code(row["policy_reason_code"]))


def exit_codes(_tree: Path) -> str:
    """One table of the codes that `dome` exits with."""
    rows = ((int(member), code(member.name), meaning) for member, meaning in codes.MEANINGS.items())
    intro = f"{(codes.__doc__ or '').partition(chr(10) * 2)[2].strip()}\n"
    return "\n".join((head("Exit codes", "dome_contracts.exit_codes"), intro, table(("code", "name", "meaning"), rows)))


def _registry(tree: Path, source: str) -> Any:
    return yaml.safe_load((tree / source).read_text(encoding="utf-8"))
