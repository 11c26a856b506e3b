"""What is shown, exported and imported, and that looking changes nothing."""

import json
import re
import shlex
from pathlib import Path

import pytest

from dome_contracts.exit_codes import Exit
from tests.mission_use import IMPLEMENTER, REVIEWER, Use, use

__all__ = ["use"]
LOOKING = [
    ["mission", "list"],
    ["mission", "show", "tried"],
    ["mission", "ready"],
    ["mission", "attention"],
    ["mission", "export", "tried"],
    ["mission", "next", "tried", "--query"],
    ["board"],
    ["artefact", "show", "tried", "WP01"],
]


@pytest.mark.parametrize("words", LOOKING, ids=" ".join)
def test_where_no_mission_is_looking_says_so_and_writes_nothing(use: Use, words: list[str], tmp_path: Path) -> None:
    error = use.refused(*words)
    assert (error["reason"], "dome mission new" in error["remedy"]) == ("NO_MISSIONS", True)
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("words", [*LOOKING, ["charter", "show"], ["mission", "new", "tried"]], ids=" ".join)
def test_outside_of_a_repository_nothing_is_done(
    use: Use, words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = use(*words, "--json")
    assert (said.code, said.error["reason"]) == (Exit.USAGE, "WRONG_DIRECTORY")


def test_the_board_shows_columns_and_two_answers_to_who(use: Use) -> None:
    use.begin("WP01", "WP02", recommendation={"profile_ref": "implementer", "role": "implementer"})
    use.claim()
    value = use.done("board")
    assert value["columns"]["Planned"] == ["WP02"]
    assert value["columns"]["Doing"] == ["WP01"]
    rows = {each["work_package_id"]: each["effector"] for each in value["packages"]}
    assert rows["WP01"]["acts"]["id"] == "agent-1"
    assert rows["WP02"]["acts"] is None
    text = use("board", "tried").out
    for expected in ("Planned (1)", "Doing (1)", "For review (0)", "llm agent-1", "implementer implementer"):
        assert expected in text
    assert use("board", "tried").out == text


def test_an_artefact_is_text_or_json_of_one_digest_and_is_claimed_by_either(use: Use, tmp_path: Path) -> None:
    use.begin("WP01", "WP02")
    text = use("artefact", "show", "tried", "WP01", "--as", IMPLEMENTER).out
    shown = use.done("artefact", "show", "tried", "WP01", "--as", IMPLEMENTER)
    assert text.endswith(f"Artefact: {shown['digest']}, stream version 1\n")
    (tmp_path / "told.md").write_text(text)
    (tmp_path / "told.json").write_text(json.dumps(use.done("artefact", "show", "tried", "WP02", "--as", IMPLEMENTER)))
    (tmp_path / "other.md").write_text("Nothing\n")
    claim = ("mission", "claim", "tried")
    more = ("--as", IMPLEMENTER, "--branch", "main", "--artefact")
    assert use(*claim, "WP01", *more, str(tmp_path / "other.md")).code == Exit.USAGE
    use.done(*claim, "WP01", *more, str(tmp_path / "told.md"))
    use.done(*claim, "WP02", *more, str(tmp_path / "told.json"))
    # Another effector is told something else: what was told to this one proves nothing.
    assert use.refused(*claim, "WP01", "--as", REVIEWER, "--artefact", str(tmp_path / "told.md"))["reason"] in {
        "NOT_PERMITTED",
        "CLAIM_CONFLICT",
    }


def test_a_command_of_an_artefact_is_complete_and_can_be_given_as_it_stands(use: Use) -> None:
    use.begin()
    text = use("artefact", "show", "tried", "WP01", "--as", IMPLEMENTER).out
    commands = {words[2]: words for words in map(shlex.split, re.findall(r"^    (dome .*)$", text, re.MULTILINE))}
    assert commands["move"][-4:] == ["--reason", "TEXT", "--as", IMPLEMENTER]
    claimed = use.done(*commands["claim"][1:])
    assert (claimed["lane"], claimed["event"]["effector"]["id"]) == ("claimed", "agent-1")


def test_the_artefact_of_the_mission_is_for_the_step_that_comes_next(use: Use) -> None:
    use.begin()
    use.to_review()
    use.review("approved")
    assert "# accept: tried" in use("artefact", "show", "tried").out
    assert "# plan: tried" in use("artefact", "show", "tried", "--action", "plan").out


def test_what_was_exported_is_the_same_mission_elsewhere(
    use: Use, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use.begin()
    use.to_review()
    lines = use("mission", "export", "tried").out
    path = tmp_path / "tried.jsonl"
    path.write_text(lines)
    again = use.done("mission", "import", str(path))
    assert (again["events_new"], again["events"]) == (0, lines.count('{"event"'))
    board = use.done("board", "tried")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
    assert use.done("mission", "import", str(path))["events_new"] == again["events"]
    assert use("mission", "export", "tried").out == lines
    assert use.done("board", "tried") == board
    path.write_text("{}\n")
    assert use.refused("mission", "import", str(path))["reason"] == "LOG_UNREADABLE"


def test_a_fork_of_two_logs_is_shown_holds_the_package_up_and_is_acknowledged(
    use: Use, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use.begin()
    path = tmp_path / "tried.jsonl"
    path.write_text(use("mission", "export", "tried").out)
    use.done("mission", "move", "tried", "WP01", "block", "--reason", "Wait")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
    use.done("mission", "import", str(path))
    use.done("mission", "move", "tried", "WP01", "cancel", "--reason", "Not wanted")
    path.write_text(use("mission", "export", "tried").out)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    said = use("mission", "import", str(path))
    assert ("1 of" in said.out, "1 event lost against others" in said.err) == (True, True)
    assert use.done("mission", "import", str(path))["events_dropped"] == 1
    assert use.done("board", "tried")["packages"][0]["has_conflict"]
    assert "1 event lost against others" in use("board", "tried").out
    shown = use("mission", "show", "tried", "WP01").out
    assert "does not hold: block: planned -> blocked" in shown
    assert "giving the work up holds against everything else" in shown
    (dropped,) = use.done("mission", "show", "tried", "WP01")["dropped"]
    assert dropped["reason"] == "cancellation_wins"
    assert "conflict" in {each["reason"] for each in use("mission", "attention", "--json").documents()}
    assert "Fork after" in use("mission", "show", "tried", "WP01").out
    words = ("mission", "move", "tried", "WP01", "resume")
    assert use.refused(*words)["metadata"] == {"rule": "PACKAGE_CONFLICTED"}
    kinds = [
        each["event"]["fact"]["kind"]
        for each in use("mission", "acknowledge", "tried", "WP01", "--reason", "It is given up", "--json").documents()
    ]
    assert kinds == ["conflict_recorded", "conflict_acknowledged"]
    # What gives the work up goes before all else.
    assert use.lane() == "canceled"
    assert not use.done("board", "tried")["packages"][0]["has_conflict"]
    # What another project says follows what holds, whatever lost against it.
    noted = {
        "kind": "annotation",
        "event_id": "E9",
        "wp_id": "WP01",
        "at": "2026-01-01T00:00:09Z",
        "delta": {"note": "So."},
    }
    log = tmp_path / "status.events.jsonl"
    log.write_text(json.dumps(noted))
    assert use.done("mission", "import", str(log), "--upstream", "tried")["events"] == 1


def test_the_log_of_another_project_is_taken_line_by_line(use: Use, tmp_path: Path) -> None:
    use.begin()
    moves = [("planned", "claimed"), ("claimed", "in_progress"), ("in_progress", "nowhere")]
    lines = [
        {"event_id": f"E{place}", "wp_id": "WP01", "from_lane": left, "to_lane": to, "actor": "claude", "at": at}
        for place, (left, to) in enumerate(moves)
        for at in [f"2026-01-01T00:00:0{place}Z"]
    ]
    path = tmp_path / "status.events.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in lines))
    said = use("mission", "import", str(path), "--upstream", "tried", "--json")
    assert said.code == Exit.FAILED
    (report,) = said.documents()
    assert (report["taken"], [each["reason"] for each in report["refused"]]) == (2, ["LANE_UNKNOWN"])
    assert use.lane() == "in_progress"
    again = use("mission", "import", str(path), "--upstream", "tried")
    assert "2 lines taken as 0 events, 1 refused" in again.out


def test_notes_are_kept_and_a_package_that_is_not_there_is_told(use: Use) -> None:
    use.begin()
    assert use("mission", "note", "tried", "So it is").out == "Noted of tried.\n"
    use.done("mission", "note", "tried", "--package", "WP01", "So it is")
    assert "So it is" in use("mission", "show", "tried", "WP01").out
    for words in (("note", "tried", "x", "--package", "WP09"), ("show", "tried", "WP09")):
        assert use.refused("mission", *words)["reason"] == "PACKAGE_UNKNOWN"
    assert use.refused("mission", "show", "other")["reason"] == "MISSION_UNKNOWN"


def test_tools_are_written_for_agents_and_brought_up_to_date(use: Use, tmp_path: Path) -> None:
    said = use("mission", "install")
    assert "dome tools trust" in said.err
    root = tmp_path / "config/dome/tools"
    folders = sorted(each.name for each in root.iterdir())
    assert folders == ["mission.claim", "mission.move", "mission.next", "mission.review", "mission.subtask"]
    manifest = json.loads((root / "mission.move/tool.yaml").read_text())
    assert manifest["executor"]["command"][-3:] == ["mission", "as-tool", "move"]
    assert manifest["environment"]["set"]["XDG_STATE_HOME"] == str(tmp_path / "state")
    before = (root / "mission.move/tool.yaml").read_bytes()
    use.done("mission", "install")
    assert (root / "mission.move/tool.yaml").read_bytes() == before


def test_the_input_of_a_tool_becomes_the_words_of_a_verb() -> None:
    from dome_spec.commands.mission.tools import TOOLS, words_of

    tools = {each.verb: each for each in TOOLS}
    given = {"effector": "llm:a", "package": "WP01", "mission": "tried", "operation": "submit", "path": ["a", "--b"]}
    assert words_of(tools["move"], given) == [
        "mission", "move", "tried", "WP01", "submit", "--as=llm:a", "--path=a", "--path=--b", "--json"
    ]  # fmt: skip
    assert words_of(tools["next"], {"mission": "tried", "effector": "llm:a"})[-2:] == ["--query", "--json"]
