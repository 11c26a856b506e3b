"""Layers of memory: the highest counts, only policy permits, and no order matters."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.canonical import digest, digest_bytes
from dome_contracts.schema.patterns.memory_entry import MemoryEntry
from dome_spec.patterns import About, recall

REPOSITORY = "repo-01htvy9ae00wea48kqahr5gdxa"
NOW = "2026-01-02T00:00:00Z"
ABOUT = About(repository_id=REPOSITORY, run_id="run-1", now=NOW)
TASK = {
    "scope": "repo",
    "target": {"kind": "test", "id": "tests/test_a.py"},
    "action": {"kind": "fix"},
    "failure_reason_code": "TESTS.FAILED",
}


def entry(layer: str, key: str = "network", authority: str = "advise", **fields: Any) -> MemoryEntry:
    scope = {"run": {"run_id": "run-1"}, "episodic": {"run_id": "run-1"}, "repository": {"repository_id": REPOSITORY}}
    lineage = {"event_id": "evt-01hy2y6nz0e8w93p73hth8m758-57", "sequence": 57, "run_id": "run-1"}
    stated: dict[str, Any] = {
        "schema_version": "1",
        "layer": layer,
        "key": key,
        "statement": f"{layer} says so.",
        "authority": authority,
        "provenance": {
            "effector": {"kind": "human", "id": "ada"},
            "evidence": [{"digest": digest_bytes(b"shown"), "location": "evidence/shown"}],
            **({"lineage": lineage} if layer == "episodic" else {}),
        },
        "create_time": "2026-01-01T00:00:00Z",
        **scope.get(layer, {}),
    }
    return MemoryEntry.from_value({**stated, **fields})


def granted(*entries: MemoryEntry) -> set[str]:
    """The keys that something is permitted by."""
    return {each.entry.key for each in recall(entries, ABOUT) if each.is_granted}


def counting(*entries: MemoryEntry) -> dict[str, str]:
    return {each.entry.key: each.entry.layer.value for each in recall(entries, ABOUT)}


def test_the_highest_layer_counts_and_the_others_advise() -> None:
    entries = [entry("episodic"), entry("repository"), entry("run")]
    (found,) = recall(entries, ABOUT)
    assert found.entry.layer.value == "repository"
    assert [each.layer.value for each in found.beside] == ["run", "episodic"]


def test_within_a_layer_the_newest_counts() -> None:
    newer = entry("repository", statement="Newer.", create_time="2026-01-01T12:00:00Z")
    (found,) = recall([entry("repository"), newer], ABOUT)
    assert found.entry == newer


def test_only_policy_permits() -> None:
    assert granted(entry("policy", authority="grant")) == {"network"}
    for layer in ("repository", "run", "episodic"):
        (found,) = recall([entry(layer, authority="grant")], ABOUT)
        assert (found.is_granted, found.demoted) == (False, True)


def test_what_a_lower_layer_would_permit_does_not_survive_what_policy_says() -> None:
    assert granted(entry("policy"), entry("episodic", authority="grant")) == set()


def test_what_has_expired_belongs_elsewhere_or_is_yet_to_come_does_not_count() -> None:
    assert counting(entry("repository", expire_time="2026-01-01T06:00:00Z")) == {}
    assert counting(entry("repository", repository_id="repo-01htvy9ae00wea48kqahr5gdxb")) == {}
    assert counting(entry("run", run_id="run-2")) == {}
    assert counting(entry("repository", create_time="2026-02-01T00:00:00Z")) == {}
    assert counting(entry("repository", task_key=TASK)) == {}


def test_an_entry_of_a_task_counts_for_it() -> None:
    from dome_contracts.schema.shared.definitions import TaskKey

    about = About(repository_id=REPOSITORY, task=TaskKey.from_value(TASK), now=NOW)
    assert len(recall([entry("repository", task_key=TASK)], about)) == 1


def test_what_is_superseded_is_gone_but_no_lower_layer_supersedes_a_higher_one() -> None:
    old = entry("repository", "style")
    replaced = entry("repository", "layout", supersedes=[digest(old.to_value())])
    assert counting(old, replaced) == {"layout": "repository"}
    rebel = entry("episodic", "layout", supersedes=[digest(old.to_value())])
    assert counting(old, rebel) == {"layout": "episodic", "style": "repository"}


ENTRIES = st.lists(
    st.builds(
        lambda layer, key, authority, hour: entry(
            layer, key, authority, create_time=f"2026-01-01T{hour:02d}:00:00Z", statement=f"At {hour}."
        ),
        st.sampled_from(["policy", "repository", "run", "episodic"]),
        st.sampled_from(["a", "b"]),
        st.sampled_from(["grant", "advise"]),
        st.integers(0, 23),
    ),
    max_size=8,
)


@given(ENTRIES, st.randoms())
def test_no_order_matters(entries: list[MemoryEntry], random: Any) -> None:
    shuffled = list(entries)
    random.shuffle(shuffled)
    assert recall(shuffled, ABOUT) == recall(entries, ABOUT)


@given(ENTRIES)
def test_what_was_learnt_never_widens_what_is_permitted(entries: list[MemoryEntry]) -> None:
    policy = [each for each in entries if each.layer.value == "policy"]
    assert granted(*entries) == granted(*policy)
