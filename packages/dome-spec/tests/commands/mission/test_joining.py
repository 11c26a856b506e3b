"""Packages joined to plans: their packets, and what the gates of a run said of them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dome_contracts.schema.control.control_event import ControlTopic
from dome_contracts.schema.control.event_envelope import Correlation
from dome_contracts.schema.planning.packet import Packet
from dome_contracts.schema.shared.definitions import Effector
from dome_spec.dispatch import RunRecord
from dome_spec.dispatch.decide.queue import opened
from dome_spec.kernel import FixedClock, Ids, read_document
from dome_spec.kernel.yaml_text import read_yaml
from tests.mission_use import IMPLEMENTER, Use, use
from tests.planned import NO_DIGEST, Wish, planned

__all__ = ["use"]
NOW = datetime(2024, 5, 17, 9, 30, tzinfo=UTC)
CHECKED = """schema_version: "1"
id: software-change
transition_table:
  edges:
    - {operation: claim, from: planned, to: claimed, guards: [artefact_current]}
    - {operation: start, from: claimed, to: in_progress, guards: [holder_only]}
    - {operation: submit, from: in_progress, to: for_review, guards: [holder_only, checks_passed]}
"""


def test_a_package_is_printed_as_the_packet_that_a_plan_is_made_of(use: Use) -> None:
    use.begin()
    packet = use.done("mission", "packet", "tried", "WP01")
    assert packet["constraints"]["allowed_paths"] == ["src/WP01.py"]
    text = use("mission", "packet", "tried", "WP01").out
    assert read_document(Packet, read_yaml(text.encode())).to_value() == packet
    assert use.refused("mission", "packet", "tried", "WP09")["reason"] == "PACKAGE_UNKNOWN"


def a_run(folder: Path, packet_id: str, verdict: str | None) -> None:
    given = planned({"a": Wish()})
    plan = given.plan.model_copy(update={"packet_id": packet_id})
    record = RunRecord.prepare(folder, "run-1")
    record.keep_plan(plan)
    record.save_queue(opened(plan, plan_hash=NO_DIGEST, run_id="run-1", now=NOW))
    if verdict is None:
        return
    clock, gates = FixedClock(NOW), Effector.from_value({"kind": "service", "id": "gates"})
    about = Correlation.from_value({"task_id": given.ids["a"]})
    payload = {"decision_digest": NO_DIGEST, "verdict": verdict}
    record.log.append(
        ControlTopic.GATE_DECIDED, payload, clock=clock, ids=Ids(clock), effector=gates, correlation=about
    )


@pytest.mark.parametrize(
    ("packet_id", "verdict", "refused"),
    [
        ("tried-wp01", "APPROVE", None),
        ("tried-wp01", "REJECT", "CHECKS_OPEN"),
        ("tried-wp01", None, "CHECKS_OPEN"),
        ("tried-wp02", "APPROVE", "RUN_OF_ANOTHER"),
        ("", "", "RUN_UNKNOWN"),
    ],
)
def test_what_gates_decided_in_a_run_of_the_package_passes_its_guard(
    use: Use, tmp_path: Path, packet_id: str, verdict: str | None, refused: str | None
) -> None:
    use.done("charter", "init")
    path = use.root / ".dome/charter.yaml"
    path.write_text(path.read_text() + "doctrine_folder: doctrine\n")
    use.git.write("doctrine/mission-types/software-change.yaml", CHECKED)
    words = ("--goal", "Try it", "--require", "FR-001=It works")
    use.done("mission", "new", "tried", *words)
    use.write_package("WP01")
    use.done("mission", "finalize", "tried")
    use.claim()
    use.move("start")
    (state,) = (tmp_path / "state").rglob("missions.sqlite")
    if packet_id:
        a_run(state.parent / "runs", packet_id, verdict)
    submit = ("mission", "move", "tried", "WP01", "submit", "--as", IMPLEMENTER)
    assert use.refused(*submit)["metadata"] == {"rule": "CHECKS_OPEN"}
    if refused is None:
        assert use.done(*submit, "--run", "run-1")["lane"] == "for_review"
    else:
        error = use.refused(*submit, "--run", "run-1")
        assert error["metadata"].get("rule", error["reason"]) == refused
