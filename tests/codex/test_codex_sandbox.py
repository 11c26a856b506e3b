"""What codex's default sandbox lets a model do: its shell reaches no daemon, `dome mcp` does."""

import sys
from pathlib import Path

import pytest

from dome_contracts.exit_codes import Exit
from tests.codex.codex_cli import Codex
from tests.codex.scripted_model import ScriptedModel, call, shell, text
from tests.e2e.dome_home import Home

DOME = Path(sys.executable).with_name("dome")


@pytest.mark.parametrize("sandbox", ["read-only", pytest.param("workspace-write", marks=pytest.mark.slow)])
def test_in_the_sandbox_the_command_says_what_to_do_and_the_bridge_works(
    codex: Codex, home: Home, model: ScriptedModel, sandbox: str
) -> None:
    model.then(
        [shell(f"{DOME} tools; echo ended with $?", call_id="tools")],
        [call("run_read_only_tool", {"tool_id": "repo.search", "input": {"pattern": "find"}}, call_id="bridge")],
        [shell(f"{DOME} tools; echo ended with $?", call_id="again")],
        [text("done")],
    )
    assert codex.exec("-s", sandbox).code == 0
    for said in (model.output("tools"), model.output("again")):
        assert "codex sandbox" in said, said
        assert "dome mcp install codex" in said
        assert f"ended with {Exit.UNAVAILABLE}" in said
    assert model.output("bridge")["state"] == "SUCCEEDED"


@pytest.mark.slow
def test_in_the_sandbox_no_command_says_what_it_cannot_know(codex: Codex, home: Home, model: ScriptedModel) -> None:
    home.dome("service", "start")
    model.then(
        [shell(f"{DOME} doctor; echo ended with $?", call_id="doctor")],
        [shell(f"{DOME} service status; echo ended with $?", call_id="status")],
        [shell(f"{DOME} service start; echo ended with $?", call_id="start")],
        [text("done")],
    )
    assert codex.exec().code == 0
    doctor = model.output("doctor")
    assert "dome mcp install codex" in doctor
    assert "none runs" not in doctor
    for said in (model.output("status"), model.output("start")):
        assert "codex sandbox" in said
        assert "not running" not in said


@pytest.mark.slow
def test_with_network_in_the_sandbox_the_command_reaches_the_daemon(
    codex: Codex, home: Home, model: ScriptedModel
) -> None:
    home.dome("service", "start")
    model.then([shell(f"{DOME} tools repo.search; echo ended with $?", call_id="tools")], [text("done")])
    assert codex.exec("-s", "workspace-write", "-c", "sandbox_workspace_write.network_access=true").code == 0
    assert "ended with 0" in model.output("tools")
