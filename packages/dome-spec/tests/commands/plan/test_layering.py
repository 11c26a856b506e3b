"""Priors in layers: the highest layer that speaks counts, lower ones advise, and none makes a prior prescriptive."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.canonical import digest_bytes
from dome_contracts.schema.patterns.memory_entry import MemoryEntry
from dome_spec.commands.plan.layering import POLICIES, LayerMisplaced, layered, read_entries, remedy_key
from dome_spec.kernel import read_document
from dome_spec.kernel.yaml_text import write_yaml
from dome_spec.patterns import About
from dome_spec.planning import OfferedPrior
from tests.plans_made import BASE, a_failure, a_prior, an_answer, plan_of, some_strategies

Git = Any
NOW = "2024-05-17T09:30:00Z"
ABOUT = About(repository_id=BASE["repository_id"], run_id="run-1", now=NOW)
ADVISORY = {"use": "advisory"}


def entry(layer: str, *, authority: str = "advise", **fields: Any) -> MemoryEntry:
    """Something remembered of the tool that mends."""
    scope = {"repository": {"repository_id": BASE["repository_id"]}}.get(layer, {})
    lineage = {"event_id": "evt-01hy2y6nz0e8w93p73hth8m758-57", "sequence": 57, "run_id": "run-1"}
    value: dict[str, Any] = {
        "schema_version": "1",
        "layer": layer,
        "key": remedy_key("ledger.mend"),
        "statement": f"Told by {layer}.",
        "authority": authority,
        "provenance": {
            "effector": {"kind": "human", "id": "ada"},
            "evidence": [{"digest": digest_bytes(b"shown"), "location": "evidence/shown"}],
            **({"lineage": lineage} if layer == "episodic" else {}),
        },
        "create_time": "2024-05-01T00:00:00Z",
        **({"run_id": "run-1"} if layer in {"run", "episodic"} else scope),
    }
    return read_document(MemoryEntry, {**value, **fields})


def told(prior: OfferedPrior, *entries: MemoryEntry) -> tuple[str, list[str]]:
    (found,) = layered([prior], entries, ABOUT)
    return found.eligibility.use.value, [f"{each.code.value}: {each.detail}" for each in found.eligibility.reasons]


@pytest.mark.parametrize("layer", ["policy", "repository", "run", "episodic"])
def test_any_layer_may_advise_against_placing_a_remedy_first(layer: str) -> None:
    use, reasons = told(a_prior(), entry(layer, value=ADVISORY))
    assert (use, reasons) == ("advisory", [f"policy_incompatible: The layer {layer} says: Told by {layer}."])


@pytest.mark.parametrize("lower", ["repository", "run", "episodic"])
def test_a_policy_that_grants_overrules_what_lower_layers_advise(lower: str) -> None:
    entries = [entry(lower, value=ADVISORY), entry("policy", authority="grant")]
    assert told(a_prior(), *entries) == told(a_prior(), *reversed(entries)) == ("prescriptive", [])


@pytest.mark.parametrize("layer", ["policy", "repository", "run", "episodic"])
def test_no_layer_makes_a_prior_prescriptive(layer: str) -> None:
    authority = "grant" if layer == "policy" else "advise"
    doubted = a_prior(reasons=["stale"])
    assert told(doubted, entry(layer, authority=authority, value={"use": "prescriptive"}))[0] == "advisory"


def test_what_is_said_of_another_tool_another_run_or_another_task_says_nothing() -> None:
    other_task = {**a_prior().key.to_value(), "target": {"kind": "test", "id": "tests/test_fees.py"}}
    entries = [
        entry("repository", key=remedy_key("ledger.look"), value=ADVISORY),
        entry("run", run_id="run-2", value=ADVISORY),
        entry("repository", task_key=other_task, value=ADVISORY),
        entry("repository", expire_time="2024-05-16T00:00:00Z", value=ADVISORY),
    ]
    assert told(a_prior(), *entries) == ("prescriptive", [])


def test_a_plan_places_no_remedy_first_that_a_layer_withholds() -> None:
    answers = some_strategies(responses={"TESTS.FAILED": [an_answer("team.rebuild")]})

    def effects(entries: Sequence[MemoryEntry]) -> list[str]:
        priors = layered([a_prior()], entries, ABOUT)
        return [each.effect.value for each in plan_of(failures=[a_failure()], priors=priors, strategies=answers).priors]

    assert effects([]) == ["placed_first"]
    assert effects([entry("repository", value=ADVISORY)]) != ["placed_first"]
    assert effects([entry("repository", value=ADVISORY), entry("policy", authority="grant")]) == ["placed_first"]


def test_the_entries_of_a_repository_are_files_that_people_write_and_hold_in_every_clone(
    git: Git, tmp_path: Path
) -> None:
    def read(repository_id: str) -> tuple[MemoryEntry, ...]:
        return read_entries(git.root, repository_id, config_home=tmp_path)

    assert read(ABOUT.repository_id) == ()
    written = entry("repository", value=ADVISORY)
    value = {name: each for name, each in written.to_value().items() if name != "repository_id"}
    git.write(".dome/memory/mend.yaml", write_yaml(value))
    assert read(ABOUT.repository_id) == (written,)
    (elsewhere,) = read("repo-01hr47m300dw48d4by8jq7k94y")
    assert elsewhere.repository_id == "repo-01hr47m300dw48d4by8jq7k94y"


def test_policy_stands_with_the_user_and_nowhere_else(git: Git, tmp_path: Path) -> None:
    policy, own = entry("policy", authority="grant"), tmp_path / POLICIES / "mend.yaml"
    own.parent.mkdir(parents=True)
    own.write_text(write_yaml(policy.to_value()))
    assert read_entries(git.root, ABOUT.repository_id, config_home=tmp_path) == (policy,)
    git.write(".dome/memory/mend.yaml", write_yaml(policy.to_value()))
    with pytest.raises(LayerMisplaced, match=r"\.dome/memory/mend\.yaml is of the layer policy") as refused:
        read_entries(git.root, ABOUT.repository_id, config_home=tmp_path)
    assert str(tmp_path / POLICIES) in str(refused.value.hint)


def test_no_entry_of_a_repository_counts_as_a_policy_by_standing_with_them(git: Git, tmp_path: Path) -> None:
    stray = tmp_path / POLICIES / "mend.yaml"
    stray.parent.mkdir(parents=True)
    stray.write_text(write_yaml(entry("repository", value=ADVISORY).to_value()))
    with pytest.raises(LayerMisplaced, match="is of the layer repository"):
        read_entries(git.root, ABOUT.repository_id, config_home=tmp_path)
