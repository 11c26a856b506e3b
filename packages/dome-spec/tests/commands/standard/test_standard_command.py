"""`dome standard` around the check itself: what was found the last time, and inputs that are none."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.schema.gates.standard_report import StandardReport
from dome_spec.commands import standard
from dome_spec.commands.standard.words import report_lines
from dome_spec.kernel import Ids, InfraContext, SystemClock, read_document, resolve_infra
from dome_spec.standards import StandardReports
from tests.group_use import Said, use_group

Git = Any
EXAMPLES = Path(__file__).parents[5] / "contracts/examples/gates/standard_report/valid"


@dataclass(frozen=True)
class Scene:
    """A repository in which the group is used."""

    infra: InfraContext
    capture: pytest.CaptureFixture[str]

    def __call__(self, *words: str) -> Said:
        return use_group(self.capture, standard, words=("standard", *words))


@pytest.fixture
def scene(git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Scene:
    git.commit("one", {"a.txt": "a"})
    monkeypatch.chdir(git.root)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    environ = {"XDG_STATE_HOME": str(tmp_path / "state")}
    return Scene(resolve_infra(git.root, environ).mint(Ids(SystemClock())), capsys)


def test_the_last_report_is_shown_in_words_and_as_it_is(scene: Scene) -> None:
    report = read_document(StandardReport, (EXAMPLES / "failed.json").read_bytes())
    StandardReports(scene.infra.state_dir).keep(report)
    tool_id = report.tool.tool_id
    said = scene("show", tool_id)
    assert (said.code, said.out) == (0, "\n".join(report_lines(report)) + "\n")
    assert "FAIL           determinism" in said.out
    assert "TOOL.FAILED  /entries: The order of the entries differs between two runs." in said.out
    assert scene("show", tool_id, "--json").document == report.to_value()


def test_why_a_subcheck_does_not_apply_is_told() -> None:
    report = read_document(StandardReport, (EXAMPLES / "determinism_not_declared.json").read_bytes())
    assert any("NOT_APPLICABLE determinism  " in line for line in report_lines(report))


def test_a_tool_that_was_never_checked_is_told(scene: Scene) -> None:
    said = scene("show", "no.such")
    assert (said.code, "`dome standard check no.such` checks it" in said.err) == (66, True)


def test_an_input_that_is_none_is_told_before_a_daemon_is_asked(scene: Scene) -> None:
    wrong = scene.infra.root / "wrong.json"
    wrong.write_text("{")
    said = scene("check", "repo.search", "--input", str(wrong))
    assert (said.code, "wrong.json is no JSON" in said.err) == (65, True)
    assert scene("check", "repo.search", "--input", "missing.json").code == 66
