"""Each subcheck judges what was observed: what holds passes, what does not fails, what is unknown never passes."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.canonical import digest_bytes
from dome_contracts.runtime.v1 import FilesystemEffect, NetworkEffect, ToolEffects
from dome_contracts.schema.gates.standard_report import CheckedTool, StandardReport
from dome_contracts.schema.shared.definitions import EvidenceRef, VersionContext
from dome_spec.kernel import read_document
from dome_spec.standards import Checked, Enforced, Observed, Origin, Refused, Run, Tried, judged, observation, report_of
from dome_spec.standards.observed import Breach, Rule
from dome_spec.standards.subchecks import (
    Judged,
    contract_validity,
    determinism,
    observability_split,
    side_effects,
    spec_as_test,
)
from dome_spec.standards.subchecks.determinism import difference, stable

SHOWN = EvidenceRef(digest=digest_bytes(b"shown"), location="evidence/shown")
JOB = "job-01hy2y66b0shfbrs31a249v0nf"
HELD = Enforced(filesystem=True, network=True, processes=True)
EXAMPLE = Tried(Origin.EXAMPLE, "example 1", {"word": "a"})
MADE = Tried(Origin.GENERATED, "generated input 1", {"word": "b"})
BREACH = Breach(Rule.REQUIRED, "/word", {})
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["word"],
    "properties": {"word": {"type": "string"}, "at": {"type": "number"}},
}
NOTHING = ToolEffects(filesystem=FilesystemEffect.NONE, network=NetworkEffect.NONE)
ANYTHING = ToolEffects(filesystem=FilesystemEffect.WRITE, network=NetworkEffect.ANY, starts_processes=True)


def run(tried: Tried = EXAMPLE, *, result: Any = None, failure: str = "NONE", **known: Any) -> Run:
    stated: dict[str, Any] = {
        "tried": tried,
        "job_id": JOB,
        "succeeded": failure == "NONE",
        "failure_reason_code": failure,
        "message": "" if failure == "NONE" else "It did not work.",
        "exit_code": 0 if failure == "NONE" else 1,
        "result": json.dumps(tried.value if result is None else result).encode() if failure == "NONE" else b"",
        "enforced": HELD,
        "changed": (),
        "evidence": (SHOWN,),
    }
    return Run(**stated | known)


def observed(*runs: Run, **known: Any) -> Observed:
    stated: dict[str, Any] = {
        "input_schema": SCHEMA,
        "output_schema": SCHEMA,
        "effects": NOTHING,
        "is_deterministic": True,
        "volatile_fields": (),
        "failure_reasons": {},
        "inputs": tuple(each.tried for each in runs),
        "runs": runs,
        "repeats": tuple((each, each) for each in runs if each.succeeded),
        "edge": (Refused(BREACH, "INVALID_REQUEST", ""),),
        "open_edge": False,
    }
    return Observed(**stated | known)


def told(found: Judged) -> tuple[str, str]:
    return found.status.value, " ".join([*(each.message for each in found.findings), found.why])


def test_a_tool_that_conforms_passes_everything() -> None:
    assert {name: each.status.value for name, each in judged(observed(run())).items()} == dict.fromkeys(
        ["contract_validity", "determinism", "side_effects", "observability_split", "spec_as_test"], "PASS"
    )


CONTRACT: list[tuple[Observed, str, str]] = [
    (observed(run(result={"told": "a"})), "FAIL", "breaks the output schema"),
    (observed(run(MADE, failure="OUTPUT.RESULT_INVALID")), "FAIL", "It did not work"),
    (observed(run(failure="PROCESS.EXIT_NONZERO")), "FAIL", "With the example 1 it fails"),
    (observed(run(MADE, failure="PROCESS.EXIT_NONZERO")), "NOT_APPLICABLE", "No run succeeded here"),
    (observed(run(failure="TESTS.RUNNER_MISSING")), "NOT_APPLICABLE", "TESTS.RUNNER_MISSING"),
    (observed(run(), inputs=(EXAMPLE, Tried(Origin.FILE, "input a.json", {}))), "FAIL", "The input a.json breaks"),
    (observed(run(), inputs=(Tried(Origin.FILE, "input a.json", {"word": "\ud800"}),)), "FAIL", "no canonical form"),
    (observed(), "NOT_APPLICABLE", "No input is known"),
    (observed(inputs=(EXAMPLE,)), "NOT_APPLICABLE", "It was not run"),
]  # fmt: skip


@pytest.mark.parametrize(("looked_at", "status", "words"), CONTRACT)
def test_contract_validity(looked_at: Observed, status: str, words: str) -> None:
    found = told(contract_validity(looked_at))
    assert found[0] == status
    assert words in found[1]


def pair(one: Any, other: Any, **known: Any) -> Observed:
    first, second = run(result=one), run(result=other)
    return observed(first, repeats=((first, second),), **known)


DETERMINISM: list[tuple[Observed, str, str]] = [
    (pair({"word": "a"}, {"word": "b"}), "FAIL", "Two runs with the example 1 differ"),
    (pair({"word": "a", "at": 1}, {"word": "a", "at": 2}), "FAIL", "differ"),
    (pair({"word": "a", "at": 1}, {"word": "a", "at": 2}, volatile_fields=("/at",)), "PASS", ""),
    (pair({"word": "a"}, {"word": "a"}), "PASS", ""),
    (pair({"word": "a"}, {"word": "b"}, is_deterministic=False), "NOT_APPLICABLE", "does not declare"),
    (observed(run(), repeats=((run(), run(failure="TOOL.FAILED")),)), "FAIL", "The second run"),
    (observed(run(failure="TESTS.FAILED")), "NOT_APPLICABLE", "No run succeeded"),
]


@pytest.mark.parametrize(("looked_at", "status", "words"), DETERMINISM)
def test_determinism(looked_at: Observed, status: str, words: str) -> None:
    found = told(determinism(looked_at))
    assert found[0] == status
    assert words in found[1]


LISTED = replace(ANYTHING, writes_listed=True, writes=["out/"], network=NetworkEffect.NONE)
LOOSE = Enforced(filesystem=True, network=False, processes=False)
EFFECTS: list[tuple[Observed, str, str]] = [
    (
        observed(run(changed=("../beside/left-alone",))),
        "FAIL",
        "changes what it does not declare: ../beside/left-alone",
    ),
    (observed(run(changed=("out/a", "src/a")), effects=LISTED), "FAIL", "declare: src/a"),
    (observed(run(changed=("out/a",)), effects=LISTED), "PASS", ""),
    (observed(run(changed=("a",)), effects=replace(LISTED, writes=["."])), "PASS", ""),
    (observed(run(changed=("out",)), effects=replace(NOTHING, filesystem=FilesystemEffect.READ)), "FAIL", "out"),
    (observed(run(failure="PROCESS.EXIT_NONZERO")), "FAIL", "Held to its declared effects"),
    (observed(run(failure="TESTS.RUNNER_MISSING")), "PASS", ""),
    (observed(run(enforced=LOOSE)), "NOT_APPLICABLE", "does not hold it to: network."),
    (observed(run(enforced=LOOSE, changed=("a",))), "FAIL", "declare: a"),
    (observed(run(enforced=replace(HELD, processes=False))), "PASS", ""),
    (observed(run(), effects=replace(ANYTHING, starts_processes=False)), "NOT_APPLICABLE", "declares no limit"),
    (observed(run(), effects=ANYTHING), "NOT_APPLICABLE", "declares no limit"),
    (observed(run(changed=("a",)), effects=ANYTHING), "NOT_APPLICABLE", "declares no limit"),
    (observed(run(enforced=None)), "NOT_APPLICABLE", "No run was started"),
]


@pytest.mark.parametrize(("looked_at", "status", "words"), EFFECTS)
def test_side_effects(looked_at: Observed, status: str, words: str) -> None:
    found = told(side_effects(looked_at))
    assert found[0] == status
    assert words in found[1]


@given(st.booleans(), st.booleans(), st.booleans(), st.sampled_from([NOTHING, LISTED, ANYTHING]))
def test_what_the_kernel_does_not_hold_is_never_passed(
    filesystem: bool, network: bool, processes: bool, effects: ToolEffects
) -> None:
    held = Enforced(filesystem=filesystem, network=network, processes=processes)
    found = side_effects(observed(run(enforced=held), effects=effects))
    wanted = {
        id(NOTHING): filesystem and network,
        id(LISTED): filesystem and network,
        id(ANYTHING): False,
    }[id(effects)]
    assert (found.status == "PASS") == wanted
    assert found.status != "FAIL"
    loose = [name for name, is_held in (("filesystem", filesystem), ("network", network)) if not is_held]
    assert list(found.unverified or ()) == ([] if effects is ANYTHING or wanted else loose)
    assert (found.unverified is None) == wanted


def test_of_what_never_ran_nobody_knows_any_effect() -> None:
    assert side_effects(observed(run(enforced=None))).unverified == ("filesystem", "network")


SPLIT: list[tuple[Observed, str, str]] = [
    (observed(run(failure="GUARD.DENIED")), "FAIL", "It fails with GUARD.DENIED, which is no failure reason"),
    (observed(run(failure="TOOL.FAILED", message="GUARD.DENIED: no")), "FAIL", "which is a reason of refusals"),
    (observed(run(failure="TOOL.FAILED", message="MY.WORD: no")), "FAIL", "no failure reason of the catalogue"),
    (observed(run(failure="TOOL.FAILED", message="Plainly wrong.")), "PASS", ""),
    (observed(run(failure="NONE", failure_reason_code="TESTS.FAILED")), "FAIL", "It succeeds with TESTS.FAILED"),
    (observed(run(failure="PROCESS.EXIT_NONZERO", exit_code=3), failure_reasons={3: "TESTS.FAILED"}), "FAIL",
     "which the manifest calls TESTS.FAILED"),
    (observed(run(failure="TESTS.HUNG", exit_code=3), failure_reasons={3: "TESTS.FAILED"}), "PASS", ""),
    (observed(run(), failure_reasons={3: "GUARD.DENIED"}), "FAIL", "maps the exit code 3 to GUARD.DENIED"),
    (observed(run(), edge=(Refused(BREACH, "TESTS.FAILED", ""),)), "FAIL", "A refusal names a failure"),
    (observed(edge=()), "NOT_APPLICABLE", "nothing to assert"),
]  # fmt: skip


@pytest.mark.parametrize(("looked_at", "status", "words"), SPLIT)
def test_observability_split(looked_at: Observed, status: str, words: str) -> None:
    found = told(observability_split(looked_at))
    assert found[0] == status
    assert words in found[1]


SPEC: list[tuple[Observed, str, str]] = [
    (observed(run(), open_edge=True), "FAIL", "accepts keys that it does not name"),
    (observed(run(), edge=(Refused(BREACH, "", JOB),)), "FAIL", "breaks the rule `required` is refused not at all"),
    (observed(run(), edge=(Refused(BREACH, "TOO_LARGE", ""),)), "FAIL", "is refused as TOO_LARGE"),
    (observed(run(result={"word": 1})), "FAIL", "is not as promised"),
    (observed(), "PASS", ""),
]


@pytest.mark.parametrize(("looked_at", "status", "words"), SPEC)
def test_spec_as_test(looked_at: Observed, status: str, words: str) -> None:
    found = told(spec_as_test(looked_at))
    assert found[0] == status
    assert words in found[1]


RUNS = st.lists(
    st.builds(
        run,
        st.sampled_from([EXAMPLE, MADE]),
        result=st.sampled_from([None, {"word": 1}, {"word": "z"}]),
        failure=st.sampled_from(["NONE", "TESTS.FAILED", "PROCESS.EXIT_NONZERO", "GUARD.DENIED"]),
        enforced=st.sampled_from([HELD, LOOSE, None]),
        changed=st.sampled_from([(), ("a",)]),
    ),
    max_size=4,
)


@given(RUNS, st.sampled_from([NOTHING, LISTED, ANYTHING]), st.booleans(), st.booleans())
def test_whatever_is_observed_comes_to_a_valid_report(
    runs: list[Run], effects: ToolEffects, is_deterministic: bool, open_edge: bool
) -> None:
    looked_at = observed(*runs, effects=effects, is_deterministic=is_deterministic, open_edge=open_edge)
    found = judged(looked_at)
    tool = CheckedTool(tool_id="ledger.mend", version="1.0.0", digest=digest_bytes(b"tool"))
    versions = VersionContext.from_value({"tools": {}, "schemas": {}, "environment_class": "linux"})
    checked = Checked(tool=tool, run_id="run-1", versions=versions, check_time="2024-05-17T11:30:00Z")
    evidence = dict.fromkeys(found, SHOWN)
    report = report_of(checked, found, evidence)
    assert read_document(StandardReport, report.to_value()) == report
    assert (report.status == "FAIL") == any(each.status == "FAIL" for each in found.values())
    for name, each in found.items():
        assert observation(name, each, looked_at)["status"] == each.status


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab/~", max_size=2), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, JSON)
def test_a_difference_is_found_exactly_where_there_is_one(one: Any, other: Any) -> None:
    is_same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (difference(one, other) is None) == is_same
    assert difference(one, one) is None


@pytest.mark.parametrize(
    ("places", "left"),
    [
        (("/a",), {"b": [{"c": 1, "d": 2}]}),
        (("/b/0/c",), {"a": 1, "b": [{"d": 2}]}),
        (("/b/7/c", "/x/y", ""), {"a": 1, "b": [{"c": 1, "d": 2}]}),
    ],
)
def test_volatile_fields_are_left_away_where_they_are(places: tuple[str, ...], left: Any) -> None:
    assert stable(b'{"a":1,"b":[{"c":1,"d":2}]}', places) == left


SUBCHECKS: list[Callable[[Observed], Judged]] = [
    contract_validity, determinism, side_effects, observability_split, spec_as_test,
]  # fmt: skip


@pytest.mark.parametrize("subcheck", SUBCHECKS)
def test_the_same_observations_are_judged_alike(subcheck: Callable[[Observed], Judged]) -> None:
    looked_at = observed(run(), run(MADE, failure="TESTS.FAILED"))
    assert subcheck(looked_at) == subcheck(looked_at)
