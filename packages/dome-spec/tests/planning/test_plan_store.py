"""Plans that are kept, and the templates by which a remedy is found again."""

from pathlib import Path

import pytest

from dome_spec.planning import (
    MemorySnapshot,
    PlanAmbiguous,
    PlanNotFound,
    PlanStore,
    StoredPlan,
    default_strategies,
    plan_hash,
    template_digest,
)
from tests.plans_made import a_failure, a_packet, a_pattern, a_prior, plan_of


def stored(goal: str = "Interest is rounded half to even.") -> StoredPlan:
    packet, memory = a_packet(goal=goal), MemorySnapshot((a_failure(),), (a_prior(), a_prior(is_kept=False)))
    return StoredPlan(plan_of(packet, memory=memory), packet, default_strategies(), memory, a_pattern())


def test_a_plan_comes_back_with_all_that_it_was_made_from(tmp_path: Path) -> None:
    store, kept = PlanStore(tmp_path), stored()
    store.put(kept)
    path = store.put(kept)
    found = store.get(plan_hash(kept.plan)[:20])
    assert found == StoredPlan(kept.plan, kept.packet, kept.strategies, found.memory, kept.pattern)
    assert found.memory.digest == kept.memory.digest
    assert store.names() == (plan_hash(kept.plan),)
    assert path.read_bytes() == path.read_bytes().strip()


def test_a_name_that_fits_no_plan_or_several_is_refused(tmp_path: Path) -> None:
    store = PlanStore(tmp_path)
    with pytest.raises(PlanNotFound):
        store.get("sha256:0123")
    names = set()
    for number in range(3):
        kept = stored(f"Goal {number}.")
        store.put(kept)
        names.add(plan_hash(kept.plan).removeprefix("sha256:"))
    for name in ("abc", "../x", "zzzz", ""):
        with pytest.raises(PlanNotFound):
            store.get(name)
    twin = tmp_path / "plans" / (min(names)[:10] + "0" * 54)
    twin.mkdir()
    assert store.get(min(names)[:6]).plan is not None
    (twin / "plan.json").write_bytes(b"{}")
    with pytest.raises(PlanAmbiguous):
        store.get(min(names)[:6])


def test_a_task_is_found_by_its_template_unless_another_stands_in_its_place(tmp_path: Path) -> None:
    store, kept = PlanStore(tmp_path), stored()
    store.put(kept)
    spec = next(iter(kept.plan.tasks.values())).spec
    digest = template_digest(spec)
    found = store.template(digest)
    assert found is not None
    assert template_digest(found) == digest
    assert store.template("sha256:" + "0" * 64) is None
    place = tmp_path / "templates"
    name = digest.removeprefix("sha256:")
    other = next(path for path in place.iterdir() if path.stem != name)
    (place / f"{name}.json").write_bytes(other.read_bytes())
    assert store.template(digest) is None
