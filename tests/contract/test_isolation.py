"""What may be imported where: the light modules stay light, and the stubs need no second protobuf runtime."""

import json
import subprocess
import sys

import pytest

REPORT = """\
import json, sys
before = set(sys.modules)
import {module}
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def imported_by(module: str) -> set[str]:
    """Every module that a fresh interpreter loads for this one."""
    done = subprocess.run(
        [sys.executable, "-c", REPORT.format(module=module)], capture_output=True, check=True, text=True, timeout=30
    )
    return set(json.loads(done.stdout))


@pytest.mark.parametrize(
    "module",
    [
        *("runtime.v1", "errors.v1", "google.rpc", "grpc.health.v1", "canonical", "ids", "exit_codes", "tool"),
        *("documents", "families", "rpc_errors", "failure_reasons", "policy_reasons", "pinned_reasons"),
    ],
)
def test_it_loads_neither_google_protobuf_nor_document_models(module: str) -> None:
    loaded = imported_by(f"dome_contracts.{module}")
    assert [name for name in loaded if name.startswith(("google.", "dome_contracts.schema"))] == []


@pytest.mark.parametrize(
    "module",
    [
        *("tool", "ids", "exit_codes", "documents", "families"),
        *("rpc_errors", "failure_reasons", "policy_reasons", "pinned_reasons"),
    ],
)
def test_it_needs_the_standard_library_only(module: str) -> None:
    roots = {name.split(".")[0] for name in imported_by(f"dome_contracts.{module}")}
    assert roots - sys.stdlib_module_names == {"dome_contracts"}


def test_the_tool_helper_loads_nothing_else_of_the_contracts() -> None:
    ours = {name for name in imported_by("dome_contracts.tool") if name.startswith("dome_contracts")}
    assert ours == {"dome_contracts", "dome_contracts.tool"}
