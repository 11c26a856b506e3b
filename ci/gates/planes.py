"""The gate on what a plane may do, where import-linter and ruff do not look: dynamic forms, and names of policy."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from ci.gates.finding import Finding
from ci.gates.sources import Module, dotted, imported, modules

# The one loader of command groups.
LOADER: Final = "dome_client.cli.groups"
# Where a gRPC channel may be made: the client's own, and the one that serves the daemon in memory.
CHANNEL_HOMES: Final = frozenset({"dome_client.channel", "domed.rpc.memory"})
DYNAMIC: Final = re.compile(
    r"^importlib\.(import_module|__import__|reload|machinery|abc|_bootstrap|util\.(?!find_spec\b))|^(imp|runpy|pkgutil)\b"
    r"|^importlib\.metadata\.(entry_points|EntryPoints?)\b|^(builtins\.)?(__import__|eval|exec|compile)\(\)$"
)
EXECUTION: Final = re.compile(
    r"^(subprocess|_posixsubprocess|multiprocessing|pty|ctypes|_ctypes|cffi|posix|concurrent\.futures\.process)\b"
    r"|^os\.(exec[lv]p?e?|spawn[lv]p?e?|posix_spawnp?|fork|forkpty|system|popen|\*)(\(\))?$"
    r"|(^|\.)(create_subprocess_(exec|shell)|subprocess_(exec|shell)|ProcessPoolExecutor)(\(\))?$"
)
CHANNEL: Final = re.compile(r"^grpclib\.client\.Channel$|^grpc(\.|$)|(^|\.)(Channel|\w+Stub)\(\)$")
# What the manifest says of provenance is called a policy too, and is none of the spec plane's.
DECISION: Final = re.compile(r"policy_?reason|guardrail|promot(e|ion)|gate_?decision", re.IGNORECASE)
POLICY: Final = re.compile(rf"{DECISION.pattern}|^policy$|policies", re.IGNORECASE)
DOMED_REMEDY: Final = "The daemon holds no policy (ADR 0001): decide it in dome_spec."
SPEC_REMEDY: Final = "The spec plane cannot execute (ADR 0001): send a TaskSpec through its Runtime port."
CHANNEL_REMEDY: Final = "Call through dome_client, so that limits, deadlines and errors are the same everywhere."
DYNAMIC_REMEDY: Final = f"Import statically, so that the layers can be checked; command groups load in {LOADER}."


def check(tree: Path) -> list[Finding]:
    """Dynamic imports; ways to start a process in the spec plane; words of policy in the daemon; channels elsewhere."""
    return [found for module in modules(tree) for found in sorted(set(_in_module(module)), key=str)]


def _in_module(module: Module) -> Iterator[Finding]:
    aliases = dict(_aliases(module.syntax))
    for node in ast.walk(module.syntax):
        for name in _used(node, aliases):
            last = name.rpartition(".")[2].removesuffix("()")
            if module.name != LOADER and DYNAMIC.search(name):
                yield Finding(module.place(node), f"{name} is dynamic", DYNAMIC_REMEDY)
            if module.plane == "dome_spec" and EXECUTION.search(name):
                yield Finding(module.place(node), f"{name} executes", SPEC_REMEDY)
            if module.plane == "domed" and POLICY.search(last):
                yield Finding(module.place(node), f"{last} is a word of policy", DOMED_REMEDY)
            if module.name not in CHANNEL_HOMES and CHANNEL.search(name):
                yield Finding(module.place(node), f"{last} is a connection of its own", CHANNEL_REMEDY)


def _aliases(syntax: ast.Module) -> Iterator[tuple[str, str]]:
    """Other names under which the module knows modules: `import os as system_calls`."""
    imports = (node for node in ast.walk(syntax) if isinstance(node, ast.Import))
    return ((alias.asname, alias.name) for node in imports for alias in node.names if alias.asname)


def _used(node: ast.AST, aliases: Mapping[str, str]) -> list[str]:
    """The full names that a node imports, reads from a module, defines, or calls (with parentheses)."""

    def full(part: ast.AST) -> str:
        first, dot, rest = dotted(part).partition(".")
        return aliases.get(first, first) + dot + rest

    match node:
        case ast.Call(func=ast.Name(id="getattr"), args=[owner, *rest]):
            return [f"{full(owner)}.{str(rest[0].value) if rest and isinstance(rest[0], ast.Constant) else '*'}"]
        case ast.Call():
            return [f"{full(node.func) or getattr(node.func, 'attr', '')}()"]
        case ast.Attribute():
            return [full(node) or node.attr]
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) if DECISION.search(name):
            return [name]
        case _:
            return imported(node)
