"""`dome memory quarantine`: what was put aside is shown, repaired, tried again and dismissed."""

import json

from dome_contracts.exit_codes import Exit
from tests.memory_use import Use, filled, ids, use, wrapper_bytes
from tests.remembered import as_bytes

__all__ = ["filled", "use"]


def test_what_is_put_aside_is_listed_with_its_first_fault(filled: Use) -> None:
    said = filled("quarantine", "list")
    assert all(cause in said.out for cause in ("not_json", "family_unknown", "schema_invalid", "/signal"))
    assert set(ids(filled)) == {"not_json", "family_unknown", "schema_invalid"}


def test_no_document_steers_the_terminal_of_who_looks_at_it(use: Use) -> None:
    name = "\x1b]0;owned\x07\x9b2J"
    use.write("w.jsonl", wrapper_bytes(1).replace(b'"signal"', json.dumps({name: 1})[1:-1].encode() + b', "signal"'))
    assert use("ingest", "w.jsonl").code == Exit.FAILED
    (aside,) = use("quarantine", "list", "--json").documents()
    assert aside["body"]["violations"][0]["place"] == f"/{name}"
    for words in (["list"], ["show", aside["fact_id"]], ["retry"]):
        said = use("quarantine", *words).out
        assert "\\u001b]0;owned" in said
        assert all(each.isprintable() or each == "\n" for each in said)


def test_one_of_it_is_shown_with_every_fault_and_its_bytes(filled: Use) -> None:
    wanted = ids(filled)["not_json"]
    assert "not JSON" in filled("quarantine", "show", wanted[:15]).out
    assert filled("quarantine", "show", wanted, "--document").out == "{broken"
    assert filled("quarantine", "show", wanted, "--json").documents()[0]["document"] == "{broken"


def test_a_repaired_document_is_taken_in_in_its_place(filled: Use) -> None:
    wanted = ids(filled)["schema_invalid"]
    filled.write("still.json", wrapper_bytes(9, signal="still a hunch"))
    refused = filled("quarantine", "fix", wanted, "still.json", "--json")
    assert (refused.code, refused.error["violations"][0]["field"]) == (Exit.INVALID, "/signal")
    filled.write("repaired.json", wrapper_bytes(9))
    assert filled("quarantine", "fix", wanted, "repaired.json").code == Exit.OK
    assert set(ids(filled)) == {"not_json", "family_unknown"}
    assert filled("health", "--json").documents()[0]["facts_by_kind"]["release"] == 1


def test_what_was_only_early_is_taken_in_by_trying_again(use: Use) -> None:
    (use.root / "report.xml").rename(use.root / "late.xml")
    use.write("w.jsonl", wrapper_bytes())
    assert use("ingest", "w.jsonl").code == Exit.FAILED
    assert use("quarantine", "retry").code == Exit.FAILED
    (use.root / "late.xml").rename(use.root / "report.xml")
    said = use("quarantine", "retry", "--json")
    assert (said.code, [each["released"] for each in said.documents()]) == (Exit.OK, [True])
    assert "Nothing is put aside" in use("quarantine", "retry").out
    assert use("ingest", "w.jsonl", "--json").documents()[0]["facts_known"] == 1


def test_what_is_dismissed_does_not_come_back(filled: Use) -> None:
    assert filled("quarantine", "dismiss", ids(filled)["not_json"]).code == Exit.OK
    filled("ingest", "mixed.jsonl")
    assert set(ids(filled)) == {"family_unknown", "schema_invalid"}


def test_what_is_tried_again_is_of_the_family_that_was_named_at_first(use: Use) -> None:
    use.write("w.jsonl", as_bytes({"verdict": "APPROVE"}))
    use("ingest", "w.jsonl", "--family", "gates/gate_decision")
    (aside,) = use("quarantine", "list", "--json").documents()
    assert aside["body"]["named_family"] == "gates/gate_decision"
    assert "gates/gate_decision, as was said" in use("quarantine", "show", aside["fact_id"]).out
    (tried,) = use("quarantine", "retry", "--json").documents()
    assert (tried["released"], tried["why"]) == (False, "/failure_reason_codes: it is missing")
    fixed = use("quarantine", "fix", aside["fact_id"], "w.jsonl", "--json")
    assert "gates/gate_decision" in fixed.error["message"]
