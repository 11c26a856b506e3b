"""Plans that are kept, and the templates by which a remedy is found again."""

from pathlib import Path

import pytest

from dome_spec.planning import (
    MemorySnapshot,
    PlanAmbiguous,
    PlanDamaged,
    PlanNotFound,
    PlansExhausted,
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


@pytest.mark.parametrize(
    ("part", "edited"),
    [
        ("plan", ('"attempts_max":3', '"attempts_max":9')),
        ("packet", ('"attempts_max":3', '"attempts_max":9')),
        ("strategies", ('"backoff_s":', '"backoff_s":1')),
        ("packet", ("{", "")),
        ("facts", ("{", "")),
    ],
)
def test_what_was_edited_since_is_not_taken_for_the_plan_of_that_name(
    tmp_path: Path, part: str, edited: tuple[str, str]
) -> None:
    store, kept = PlanStore(tmp_path), stored()
    path = store.put(kept).with_name(f"{part}.json")
    text = path.read_text()
    path.write_text(text.replace(*edited, 1))
    assert path.read_text() != text
    with pytest.raises(PlanDamaged) as caught:
        store.get(plan_hash(kept.plan))
    assert str(path.parent) in caught.value.what
    assert "dome plan new" in caught.value.hint


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


def test_as_many_plans_are_kept_for_a_packet_as_its_budget_allows(tmp_path: Path) -> None:
    store = PlanStore(tmp_path)
    budgets = {"attempts_max": 1, "parallel_max": 1, "duration_s_max": 60, "iterations_max": 2}

    def a_plan(minute: int, packet_id: str = "interest-rounding") -> StoredPlan:
        packet = a_packet(budgets=budgets, packet_id=packet_id)
        plan = plan_of(packet, evaluate_time=f"2024-05-17T09:{minute}:00Z")
        return StoredPlan(plan, packet, default_strategies(), MemorySnapshot())

    for minute in (30, 31):
        store.put(a_plan(minute))
    with pytest.raises(PlansExhausted) as refused:
        store.put(a_plan(32))
    assert [each.place for each in refused.value.problems] == ["/budgets/iterations_max"]
    assert len(store.names()) == 2
    store.put(a_plan(30))
    store.put(a_plan(30, packet_id="fees"))
    store.put(stored())
