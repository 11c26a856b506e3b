"""The gate on provenance: real runs through a daemon leave a record that is there, whole and true."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import jsonschema_rs

from ci.gates.finding import Finding, GateFailed
from ci.gates.reading import json_at
from ci.real_runs import CannotRun, RealRun, real_runs
from dome_contracts.canonical import digest

RUNS: Final = {
    "a search that succeeds": ("repo.search", '{"pattern":"alpha"}'),
    "a program that fails": ("process.run", '{"argv":["false"]}'),
    "a program that cannot be started": ("process.run", '{"argv":["no-such-program-at-all"]}'),
}
SCHEMA: Final = "contracts/jsonschema/runtime/v1/run_manifest.json"
# The fields that the contract froze: a record without one is no provenance.
FROZEN: Final = (
    *("repo", "commit_sha", "dirty_flag", "contract_hashes", "tool_versions", "input_hash", "env_fingerprint"),
)
REMEDY: Final = (
    "What ran is recorded in domed.provenance and written out in dome_client.cli.render.manifest: mend it there."
)


def check(tree: Path) -> list[Finding]:
    """Runs that end in different ways and leave no record, one of another shape, or one that is not true."""
    schemas = [json_at(tree, path) for path in sorted((tree / SCHEMA).parents[2].glob("*/v1/*.json"))]
    registry = jsonschema_rs.Registry([(each["$id"], each) for each in schemas])
    schema = json_at(tree, SCHEMA)
    contract = jsonschema_rs.Draft202012Validator(schema, registry=registry, validate_formats=True, offline=True)
    try:
        return [found for run in real_runs(tree, RUNS) for found in judge(run, contract)]
    except CannotRun as error:
        raise GateFailed(str(error)) from error


def judge(run: RealRun, contract: jsonschema_rs.Draft202012Validator) -> Iterator[Finding]:
    """What is missing, misshapen or untrue in the record of one run."""
    for error in contract.iter_errors(run.manifest):
        place = "".join(f"/{part}" for part in error.instance_path)
        yield Finding(run.name, f"the manifest breaks its contract at {place or '/'}: {error.message}", REMEDY)
    record: Any = run.manifest.get("provenance", {})
    for name in FROZEN:
        if name not in record:
            yield Finding(run.name, f"{name} is missing from the record", REMEDY)
    truth = {"commit_sha": run.commit_sha, "dirty_flag": run.is_dirty, "input_hash": digest(run.payload)}
    for name, value in truth.items():
        if record.get(name) != value:
            yield Finding(run.name, f"{name} is {json.dumps(record.get(name))}, and was {json.dumps(value)}", REMEDY)
    for name in ("domed", "python", run.manifest.get("skill_id")):
        if not record.get("tool_versions", {}).get(name):
            yield Finding(run.name, f"tool_versions does not name {name}", REMEDY)
    if not record.get("contract_hashes"):
        yield Finding(run.name, "contract_hashes is empty", REMEDY)
