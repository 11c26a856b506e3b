"""`dome memory ingest --runtime` and `dome plan status` beside a damaged run: what is told, and the exit code."""

import os
from pathlib import Path
from typing import Any

import pytest

from dome_client.testing import FakeRuntime
from dome_contracts.exit_codes import Exit
from dome_spec.binding import EvidenceStore
from dome_spec.commands import memory as memory_group
from dome_spec.commands import plan as plan_group
from dome_spec.kernel import resolve_infra
from tests.contract.dispatch_rig import Scene, tool, well
from tests.group_use import Said, use_group
from tests.planned import Wish, planned


async def test_a_damaged_run_is_told_with_a_remedy_the_others_are_taken_in_and_the_exit_code_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    fake = FakeRuntime([tool(well)])
    scene = Scene(tmp_path, fake)
    infra = resolve_infra(tmp_path, os.environ).mint(scene.ids)
    scene.runs_dir, scene.store = infra.runs_dir, EvidenceStore(infra.evidence_dir)
    for name in "ab":
        given = planned({name: Wish()}, repository_id=str(infra.repository_id))
        await scene.run(given, run_id=f"run-{name}")
    queue = scene.record("run-a").directory / "queue.json"
    whole = queue.read_bytes()
    queue.write_bytes(b"{")

    async def connect() -> Any:
        return fake

    def use(*words: str) -> Said:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(1) as pool:  # the verb has a loop of its own
            return pool.submit(
                lambda: use_group(capsys, memory_group, plan_group, words=words, connect=connect)
            ).result()

    taken = use("--json", "memory", "ingest", "--runtime")
    assert taken.code == Exit.FAILED, taken.err
    (damaged,) = taken.document["damaged"]
    assert (damaged["run_id"], damaged["reason"], taken.document["jobs"]) == ("run-a", "RECORD_DAMAGED", 1)
    assert damaged["remedy"]
    told = use("memory", "ingest", "--runtime")
    assert "left out the run run-a" in told.err
    assert str(queue) in told.err
    assert "once it is mended" in told.err
    shown = use("plan", "status")
    assert (shown.code, "run-b" in shown.out, str(queue) in shown.err) == (Exit.FAILED, True, True)
    queue.write_bytes(whole)
    mended = use("--json", "memory", "ingest", "--runtime")
    assert (mended.code, mended.document["damaged"], mended.document["jobs"]) == (Exit.OK, [], 2)
