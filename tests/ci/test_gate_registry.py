"""The registries of the contracts are whole, agree with each other and with what they are about."""

import json
from pathlib import Path
from typing import Any

import pytest

from ci.gates import correlation, deltas, earlier, evidence, families, mappings
from ci.gates.__main__ import ROOT
from ci.gates.registries import CORRELATION, DELTAS, FAMILIES, MAPPINGS, load
from tests.ci.gate_trees import contracts_with, replace, said, share, write

GATES = (families, earlier, deltas, evidence, correlation, mappings)
# What was there before: the schemas of the first Dome and those of its sibling.
SCHEMAS_OF_DOME = {
    "work.queue", "task.result", "gate.decision", "promotion.decision", "run.manifest", "event.envelope",
    "control.event", "spawn.spec", "runtime.config", "orchestrator.secure_defaults", "reason.codes",
    "evidence.bundle.telemetry", "evidence.capsule", "control.strategies", "profile.catalog.map", "pattern.catalog",
    "rank.policy", "plant.spec", "state.space", "demo.pre_contract", "tool.manifest",
}  # fmt: skip
SCHEMAS_OF_SIBLING = {
    "guardrails_bundle", "plant_spec", "state_space", "control_strategy", "gate_decision", "evidence_capsule",
    "run_manifest", "work_queue", "patch_proposal", "candidate_set", "rank_policy", "pattern_catalog",
    "next_iter_plan", "ledger_entry", "latest_state", "helper_event", "packet_pre_contract", "migration_report",
    "fuzz_replay_report", "fuzz_mutation_report", "src_conventions", "api_surface", "dep_graph", "module_manifest",
    "reason_codes",
}  # fmt: skip


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The contracts, and the modules that the registries name."""
    registries = (Path(each).name for each in (CORRELATION, DELTAS, FAMILIES, MAPPINGS))
    return share(contracts_with(tmp_path, *registries, "jsonschema", "proto"), "buf.yaml", "packages", "ci/gates")


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: str(gate.__name__).rpartition(".")[2])
def test_the_registries_as_committed_are_whole(gate: Any) -> None:
    assert gate.check(ROOT) == []


@pytest.mark.parametrize(("of", "names"), [("dome", SCHEMAS_OF_DOME), ("xtrlv2", SCHEMAS_OF_SIBLING)])
def test_every_earlier_schema_has_a_decision(of: str, names: set[str]) -> None:
    assert {entry["name"] for entry in load(ROOT, FAMILIES)["earlier"] if entry["of"] == of} == names


def test_a_schema_without_a_row_is_found(tree: Path) -> None:
    write(tree, "contracts/jsonschema/sample/v1/thing.json", "{}")
    assert "sample/thing has no row" in said(families.check(tree))


def test_a_later_version_has_a_row_of_its_own(tree: Path) -> None:
    write(tree, "contracts/jsonschema/planning/v2/plan.json", "{}")
    assert "planning/plan_v2 has no row" in said(families.check(tree))


@pytest.mark.parametrize(
    ("declaration", "name"),
    [
        ("service OddService {}", "service dome.sample.v1.OddService"),
        ("message Odd {}", "message dome.sample.v1.Odd"),
        ("enum OddKind {\n}", "enum dome.sample.v1.OddKind"),
        ("message Outer {\n  message Inner {}\n}", "message dome.sample.v1.Outer.Inner"),
    ],
)
def test_a_part_of_the_wire_without_a_row_is_found(tree: Path, declaration: str, name: str) -> None:
    write(tree, "contracts/proto/dome/sample/v1/sample.proto", f"package dome.sample.v1;\n{declaration}\n")
    assert f"the {name} has no row" in said(families.check(tree))


def test_a_row_without_a_contract_is_found(tree: Path) -> None:
    replace(tree, FAMILIES, "runtime/v1/runtime_config.json", "runtime/v1/nowhere.json")
    replace(tree, FAMILIES, "family: dome.runtime.v1.JobEvent", "family: dome.runtime.v1.Happening")
    found = said(families.check(tree))
    assert "runtime/runtime_config leads nowhere" in found
    assert "declares no dome.runtime.v1.Happening" in found


def changed(tree: Path, family: str, **columns: Any) -> str:
    """What the gate says when columns of a row are others; None takes one away."""
    content = load(tree, FAMILIES)
    for row in content["families"]:
        if row["family"] == family:
            row |= columns
            for column in [name for name, value in columns.items() if value is None]:
                del row[column]
    write(tree, FAMILIES, json.dumps(content))
    return said(families.check(tree))


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        ({"owner": None}, "missing or unknown columns: owner"),
        ({"readers": "domed"}, "readers is no list of names"),
        ({"tier": "final"}, "tier is 'final'"),
        ({"owner": "somebody"}, "owner is 'somebody'"),
        ({"owner": "dome-spec"}, "owner is dome-spec here and domed in"),
        ({"intent": "status"}, "intent is status here and event_log in"),
        ({"rationale": " "}, "rationale is empty"),
        ({"candidate_usage": ""}, "candidate_usage is empty"),
        ({"decision": "new"}, "is new and extends run.manifest"),
        ({"extends": ""}, "extend of what is not said"),
        ({"extends": "run.protocol"}, "extends run.protocol, which is not in `earlier`"),
        ({"writers": ["dome_client.nowhere"]}, "writers names dome_client.nowhere, which does not exist"),
        ({"wire_mapping": "provenance, gossip"}, "wire_mapping names gossip"),
        ({"deltas": ["DLT-999"]}, "DLT-999 is no delta"),
        ({"version_policy": "As we like."}, "its version policy is not one of version_policies"),
    ],
)
def test_a_row_that_says_something_wrong_is_found(tree: Path, columns: dict[str, Any], complaint: str) -> None:
    assert complaint in changed(tree, "runtime/run_manifest", **columns)


def test_a_second_row_for_a_contract_is_found(tree: Path) -> None:
    content = load(tree, FAMILIES)
    content["families"].append(content["families"][0])
    write(tree, FAMILIES, json.dumps(content))
    assert "has two rows" in said(families.check(tree))


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("    reason: An index of pages", "    because: An index of pages", "the keys are"),
        ("    decision: dropped\n", "    decision: forgotten\n", "the decision is 'forgotten'"),
        ("    by: [patterns/pattern]", "    by: []", "is replaced by nothing"),
        ("    by: [patterns/pattern]", "    by: [patterns/knot]", "patterns/knot has no row"),
        ("    extends: work.queue", "    extends: ''", "work.queue goes on as control/work_queue, and none"),
        ("    extends: work.queue", "    extends: rank.policy", "extends rank.policy, which was not to be continued"),
    ],
)
def test_an_earlier_contract_without_a_true_decision_is_found(
    tree: Path, before: str, after: str, complaint: str
) -> None:
    replace(tree, FAMILIES, before, after)
    assert complaint in said(earlier.check(tree))


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("    risk: medium\n", "", "DLT-001: missing or unknown keys: risk"),
        ("    risk: medium\n", "    risk: none\n", "DLT-001: the risk is 'none'"),
        ("    authority: domed\n", "    authority: somebody\n", "the authority is 'somebody'"),
        ("id: DLT-002", "id: DLT-003", "DLT-003 stands where DLT-002 belongs"),
        ("[planning/plan, planning/wave_spec, ", "[planning/plot, planning/wave_spec, ", "planning/plot has no row"),
        ("- [planning/plan, planning/wave_spec]", "- [planning/plan, gates/gate_decision]", "are no pair of its"),
        ("families: [dome.errors.v1.ErrorReason]", "families: []", "names DLT-004, which is not about it"),
        ("families: [dome.errors.v1.ErrorReason]", "families: [dome.errors.v1.ErrorReason, gates/gate_decision]",
         "DLT-004 is about gates/gate_decision, whose row does not name it"),
    ],
)  # fmt: skip
def test_a_delta_that_says_something_wrong_is_found(tree: Path, before: str, after: str, complaint: str) -> None:
    replace(tree, DELTAS, before, after)
    assert complaint in said(deltas.check(tree))


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("vectors/chain.json", "vectors/rope.json", "DLT-006: contracts/vectors/rope.json does not exist"),
        ("artefacts: [contracts/families.yaml", "artefacts: [contracts/tribes.yaml", "D1: contracts/tribes.yaml"),
        ("evidence: [buf.yaml", "evidence: [fub.yaml", "fub.yaml does not exist"),
        ("    needs: [D4]", "    needs: [D9]", "D7 needs D9, which is not there"),
    ],
)
def test_evidence_that_is_not_there_is_found(tree: Path, before: str, after: str, complaint: str) -> None:
    replace(tree, DELTAS, before, after)
    assert complaint in said(evidence.check(tree))


NOWHERE = [
    ("    minted_by: Nobody; ", "    made_by: Nobody; ", "task_id: missing, unknown or empty: made_by, minted_by"),
    ("example: WP01", "example: P1", "the example 'P1' has not the form of WorkPackageId"),
    ("definition: TraceParent", "definition: TraceChild", "there is no definition TraceChild"),
    (
        "dome.runtime.v1.Job.job_id",
        "dome.runtime.v1.Job.job_number",
        "Job.job_number is no carrier of the kind wire",
    ),
    ("runtime/run_manifest#/properties/run_id", "runtime/run_manifest#/properties/run", "of the kind document"),
    ("environment: [DOME_JOB_ID]", "environment: [DOME_JOB]", "DOME_JOB is no carrier of the kind environment"),
    ("otel: []", "otel: [dome.event]", "dome.event is no carrier of the kind otel"),
    ("planned: docs/explanation/status.md", "planned: docs/dreams.md", "docs/dreams.md does not exist"),
]


def test_an_identifier_that_travels_nowhere_is_found(tree: Path) -> None:
    share(tree, "docs/explanation")
    for before, after, _ in NOWHERE:
        replace(tree, CORRELATION, before, after)
    found = said(correlation.check(tree))
    assert [complaint for *_, complaint in NOWHERE if complaint not in found] == []


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("      - {document: /repo, wire: repo, as: same, empty: written}\n", "", "the document has /repo, and no row"),
        ("      - {document: /repo, wire: repo, as: same, empty: written}\n", "", "the message has repo, and no row"),
        ("wire: branch, as", "wire: bough, as", "the message has no bough"),
        ("document: /branch", "document: /remote", "/remote of the document has 2 rows"),
        ("wire: correlation.run_id", "wire: correlation.run", "the message has correlation.run_id, and no row"),
        ("as: nullable", "as: perhaps", "the conversion is 'perhaps'"),
        ("mapping: provenance}", "mapping: origin}", "there is no mapping 'origin'"),
        ("why: It is over.}", "why: ''}", "progress: there is no reason"),
        ("{only: wire, wire: labels", "{only: document, wire: labels", "labels is only on the side 'document'"),
        ("message: dome.runtime.v1.Effector", "message: dome.runtime.v1.Actor", "there is no message"),
        ("shared/definitions#/$defs/Effector", "shared/definitions#/$defs/Actor", "there is no schema"),
    ],
)
def test_a_field_that_no_row_accounts_for_is_found(tree: Path, before: str, after: str, complaint: str) -> None:
    replace(tree, MAPPINGS, before, after)
    assert complaint in said(mappings.check(tree))


def test_a_field_added_to_either_side_is_found(tree: Path) -> None:
    place = "contracts/jsonschema/runtime/v1/run_manifest.json"
    replace(tree, place, '"chain_head": {', '"mood": { "type": "string" },\n    "chain_head": {')
    replace(tree, "contracts/proto/dome/runtime/v1/job.proto", "message Job {", "message Job {\n  string mood = 99;")
    found = said(mappings.check(tree))
    assert "run_manifest: the document has /mood" in found
    assert "run_manifest: the message has mood" in found
