from dome_client.cli.render import lock, verification
from dome_client.history import Check, Finding, Verification
from dome_contracts.runtime.v1 import Lock

FOUND = Verification(
    job_id="job-1",
    events=4,
    last_seq=9,
    chain_head="sha256:a",
    computed_chain_head="sha256:b",
    checks=(Check.FORM, Check.ORDER, Check.CHAIN),
    findings=(
        Finding(Check.FORM, "evt-1-2 calls itself x\x1b.", ["evt-1-2"]),
        Finding(Check.ORDER, "The events 3 to 9 are missing.", ["evt-1-3", "evt-1-4", "evt-1-9"]),
    ),
)


def test_each_check_has_a_line_and_each_fault_names_its_events_once() -> None:
    assert verification.text(FOUND, colour=False).splitlines() == [
        "broken  form       evt-1-2 calls itself x\\x1b.",
        "broken  order      The events 3 to 9 are missing. (evt-1-3 ... evt-1-9)",
        "ok      chain",
        "job-1 is broken: 4 events up to seq 9, faults: 2",
    ]


def test_json_has_the_same_facts() -> None:
    shown = verification.document(FOUND)
    assert shown["verified"] is False
    assert shown["checks"] == [
        {"check": "form", "holds": False},
        {"check": "order", "holds": False},
        {"check": "chain", "holds": True},
    ]
    assert [each["event_ids"] for each in shown["findings"]] == [["evt-1-2"], ["evt-1-3", "evt-1-4", "evt-1-9"]]


def test_locks_show_who_holds_and_who_waits() -> None:
    waiters = [f"job-{n}" for n in range(5)]
    found = [Lock("port", "job-a", waiters, 9), Lock("kept", "", ["job-b"], 1), Lock("held", "job-c")]
    assert [line.split() for line in lock.text(found).splitlines()[1:]] == [
        ["port", "job-a", "job-0", "job-1", "job-2", "and", "6", "more"],
        ["kept", "-", "job-b"],
        ["held", "job-c", "nobody"],
    ]
    assert lock.text([]) == "No locks."
