"""Missions joined to the loop: packages as packets and plans, what was learnt, and what gates said."""

from typing import Any

from dome_contracts.schema.control.control_event import ControlEvent
from dome_contracts.schema.planning.packet import Packet
from dome_spec.kernel import read_document
from dome_spec.mission_runtime.loop import checks_passed, package_packet, packet_name, told_priors
from dome_spec.missions.store import MemoryStore
from dome_spec.planning import MemorySnapshot, StoredPlan, make_plan
from tests.judged import AT, RUN_ID, TASK_ID
from tests.missions_made import MISSION_ID, begun, package
from tests.plans_made import BASE, WHEN, a_packet, some_facts, some_strategies

OWNED = package("WP01", owned_files=["src/ledger/**"], recommendation={"profile_ref": "implementer"})


def packet(*paths: str) -> Packet:
    standing = begun(MemoryStore(), OWNED).standing
    return package_packet(standing, "WP01", base=BASE, facts=some_facts(paths) if paths else some_facts())


def test_a_package_becomes_a_packet_that_names_it_and_keeps_to_its_files() -> None:
    made = packet()
    assert (made.packet_id, made.mission_id, made.work_package_id) == ("tried-wp01", MISSION_ID, "WP01")
    assert made.constraints.allowed_paths == ["src/ledger/**"]
    assert made.constraints.forbidden_paths == ["missions/tried/**"]
    assert made.profile == "implementer"
    assert "FR-001: It works." in made.plan_card.what
    assert read_document(Packet, made.to_value()) == made


def test_what_tests_the_repository_judges_it_and_else_a_person_by_requirement() -> None:
    assert all(each.check is not None for each in packet().criteria)
    assert [(each.statement, each.check) for each in packet("README.md").criteria] == [("FR-001: It works.", None)]


def test_the_packet_of_a_package_can_be_planned() -> None:
    plan = make_plan(packet(), some_facts(), strategies=some_strategies(), evaluate_time=WHEN)
    assert plan.packet_id == packet_name("tried", "WP01")
    assert plan.tasks


def test_a_long_slug_still_makes_a_name() -> None:
    assert len(packet_name("a" * 64, "WP0001")) <= 64


def decided(sequence: int, verdict: str, task: str = TASK_ID) -> ControlEvent:
    value: dict[str, Any] = {
        "schema_version": "1",
        "event_id": f"evt-01hy2y62e0njx2am9103w0{sequence:04d}",
        "sequence": sequence,
        "topic": "gate.decided",
        "run_id": RUN_ID,
        "occur_time": AT,
        "effector": {"kind": "service", "id": "gate"},
        "correlation": {"task_id": task},
        "payload": {"verdict": verdict, "decision_digest": TASK_ID},
    }
    return ControlEvent.from_value(value)


def test_checks_passed_when_every_gate_said_so_last() -> None:
    other = TASK_ID[:-1] + ("0" if TASK_ID[-1] != "0" else "1")
    assert checks_passed([]) is None
    assert checks_passed([decided(1, "REJECT"), decided(2, "APPROVE")]) is True
    assert checks_passed([decided(1, "APPROVE"), decided(2, "REJECT", other)]) is False
    assert checks_passed([decided(2, "NEEDS_HUMAN"), decided(1, "APPROVE")]) is False


def test_nothing_is_told_where_nothing_was_learnt() -> None:
    made = a_packet()
    plan = make_plan(made, some_facts(), strategies=some_strategies(), evaluate_time=WHEN)
    assert told_priors(StoredPlan(plan, made, some_strategies(), MemorySnapshot())) == ()
