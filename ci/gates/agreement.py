"""The gate on one word for one concept: RPCs, ledger methods, SDK methods and commands use the same ones."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ci.gates.finding import Finding
from ci.gates.sources import Module, modules

SERVICE: Final = "contracts/proto/dome/runtime/v1/service.proto"
RPC: Final = re.compile(r"^\s*rpc (\w+)\(", re.MULTILINE)
# The exceptions that the design lists. Layer -> its own word -> the RPC's.
EXCEPTIONS: Final = {
    "ledger": {"submit": "execute", "job": "status", "changes": "watch"},
    "client": {"execute_request": "execute", "retry": "execute", "stored_events": "events", "listing": "jobs",
               "untrust": "trust", "approvals": "tools"},
    "command": {"run": "execute", "retry": "execute", "job": "status"},
}  # fmt: skip
# Words without an RPC: what the layer does by itself.
OWN: Final = {
    "ledger": {"open", "start", "record", "finish", "live", "known", "queued", "queued_count", "running", "payload",
               "accepting", "output_digests", "failed", "check", "ancestors", "present", "names_artifact",
               "artifact_gone", "artifact_bytes", "oldest_seq"},
    "client": {"wait", "aclose", "endpoint"},
    "command": {"wait", "top", "doctor", "service", "provenance", "verify", "explain", "mcp", "completions"},
}  # fmt: skip
CLASSES: Final = {
    "JobLedger": ("domed.ledger", "ledger"),
    "JobRecord": ("domed.ledger", "ledger"),
    "Client": ("dome_client.client", "client"),
    "ToolCalls": ("dome_client.catalog", "client"),
}
COMMANDS: Final = "dome_client.cli.commands."


def check(tree: Path) -> list[Finding]:
    """Words of a layer that no RPC has, and commands and SDK methods that the other lacks."""
    rpcs = {word(name) for name in RPC.findall((tree / SERVICE).read_text(encoding="utf-8"))}
    used: dict[str, dict[str, str]] = {"ledger": {}, "client": {"execute_request": "execute"}, "command": {}}
    for module in modules(tree):
        for owner, (place, layer) in CLASSES.items():
            if module.name == place or module.name.startswith(f"{place}."):
                used[layer] |= dict(_methods(module, owner))
        if module.name.startswith(COMMANDS):
            # One module a command, of the same name.
            used["command"][module.name.removeprefix(COMMANDS)] = module.path
    return [found for layer in used for found in _foreign(layer, used[layer], rpcs)] + [*_lacking(used)]


def word(rpc: str) -> str:
    """The word of an RPC in the other layers."""
    rest = re.sub(r"^(Get|List|Stream|Read|Skill)", "", rpc)
    rest = re.sub(r"^Job(?=[A-Z])", "", rest)
    rest = re.sub(r"(?<=[a-z])(Jobs?|Tool)$", "", rest)
    return re.sub(r"(?<!^)(?=[A-Z])", "_", rest).lower()


def _methods(module: Module, owner: str) -> Iterator[tuple[str, str]]:
    for node in ast.walk(module.syntax):
        if isinstance(node, ast.ClassDef) and node.name == owner:
            for part in node.body:
                if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) and not part.name.startswith("_"):
                    yield part.name, module.place(part)


def _foreign(layer: str, used: dict[str, str], rpcs: set[str]) -> Iterator[Finding]:
    for name, place in used.items():
        if EXCEPTIONS[layer].get(name, name) not in rpcs | OWN[layer]:
            yield Finding(place, f"{name} is a word of the {layer} alone", "Use the word of the RPC in every layer.")


def _lacking(used: dict[str, dict[str, str]]) -> Iterator[Finding]:
    """A command calls the SDK by the same word."""
    client = set(used["client"])
    for name, place in used["command"].items():
        if client and EXCEPTIONS["command"].get(name, name) not in client | OWN["command"]:
            yield Finding(place, f"the SDK has no {name}", "Give the SDK the method, and let the command call it.")
