"""What bounds a run is read before it is opened: a broken file, or a tree with changes, begins nothing."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.exit_codes import Exit
from dome_spec.commands import plan as group
from tests.group_use import Said, use_group
from tests.judged import bundle, guard
from tests.plans_made import packet_value

Git = Any
FILES = {"src/interest.py": "def half_even(value): ...\n", "tests/test_interest.py": "def test_half_even(): ...\n"}


@dataclass(frozen=True)
class Place:
    """The group, used in a repository, with a plan that is kept there."""

    capture: pytest.CaptureFixture[str]
    root: Path
    state: Path

    def __call__(self, *argv: str) -> Said:
        return use_group(self.capture, group, words=("--json", "plan", *argv))

    def plan(self, **changes: Any) -> str:
        """The file of a plan that is made of a packet."""
        packet = {name: each for name, each in packet_value(**changes).items() if name != "repository"}
        path = self.state.with_name("packet.json")
        path.write_text(json.dumps(packet))
        made = self("new", "--from", str(path))
        assert made.code == Exit.OK, made.err
        kept = self.state.with_name("plan.json")
        kept.write_text(made.out)
        return str(kept)

    @property
    def runs(self) -> list[Path]:
        """What is kept of runs."""
        return [path for each in self.state.rglob("runs") for path in each.iterdir()]


@pytest.fixture
def here(git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Place:
    git.commit("first", FILES)
    monkeypatch.chdir(git.root)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return Place(capsys, Path(git.root), tmp_path / "state")


def unevaluable() -> str:
    wrong = guard({"kind": "evidence_present"}) | {"policy_reason_code": "NO.SUCH_REASON"}
    return json.dumps(bundle({"a": wrong}).to_value())


BROKEN: list[tuple[str, Callable[[], str], str, str]] = [
    (".dome/guardrails.json", lambda: '{"guards": {\n  "a": 1,', "BUNDLE_INVALID", "line 2"),
    (".dome/guardrails.json", lambda: '{"schema_version": "1"}', "BUNDLE_INVALID", "/guards"),
    (".dome/guardrails.json", unevaluable, "BUNDLE_UNFIT", "/guards/a/policy_reason_code"),
    (".dome/invariants.json", lambda: "[]", "BUNDLE_INVALID", ""),
]


@pytest.mark.parametrize(("name", "text", "code", "place"), BROKEN)
def test_broken_guardrails_are_told_with_file_place_and_remedy_and_no_run_is_opened(
    here: Place, name: str, text: Callable[[], str], code: str, place: str
) -> None:
    plan = here.plan()
    path = here.root / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text())
    refused = here("run", plan, "--run-id", "run-1")
    assert (refused.code, refused.error["reason"]) == (Exit.INVALID, code)
    assert str(path) in refused.error["message"]
    assert place in json.dumps(refused.error)
    assert f"dome gate check {path}" in refused.error["remedy"]
    assert here.runs == []


def test_a_broken_overlay_or_policy_begins_nothing_either(here: Place, tmp_path: Path) -> None:
    plan = here.plan()
    overlay = tmp_path / "overlay.json"
    overlay.write_text("{")
    refused = here("run", plan, "--overlay", str(overlay))
    assert (refused.code, refused.error["reason"]) == (Exit.INVALID, "BUNDLE_INVALID")
    (here.root / ".dome").mkdir()
    (here.root / ".dome/binder_policy.yaml").write_text("schema_version: '1'\n")
    assert here("run", plan).code == Exit.INVALID
    assert here.runs == []


def test_a_plan_that_asks_for_a_clean_tree_is_refused_in_another_with_what_is_changed(here: Place) -> None:
    bounds = packet_value()["constraints"] | {"clean_tree_required": True}
    plan = here.plan(constraints=bounds)
    (here.root / "src/interest.py").write_text("edited = True\n")
    refused = here("run", plan, "--run-id", "run-1")
    assert (refused.code, refused.error["reason"]) == (Exit.PRECONDITION, "WORKTREE_DIRTY")
    assert "src/interest.py" in refused.error["message"]
    assert "stash" in refused.error["remedy"]
    assert here.runs == []


@pytest.mark.parametrize("path", ["../b", "~/b", "src//b"])
def test_a_path_that_leads_out_is_refused_by_new_and_check_at_its_place(here: Place, tmp_path: Path, path: str) -> None:
    made = here("new", "--goal", "Rounding is half to even.", "--allow", "src/**", "--allow", path)
    assert made.code == Exit.INVALID
    assert "/constraints/allowed_paths/1" in {each["field"] for each in made.error["violations"]}
    packet = packet_value(constraints={"allowed_paths": ["src/**", path]})
    written = tmp_path / "packet.json"
    written.write_text(json.dumps(packet))
    checked = here("check", str(written))
    assert checked.code == Exit.FAILED
    assert "/constraints/allowed_paths/1" in {each["place"] for each in checked.documents()}


def test_what_is_said_to_fail_is_named_within_the_repository(here: Place) -> None:
    refused = here("new", "--goal", "Rounding.", "--failing", "../tests/test_a.py::test_b")
    assert refused.code == Exit.USAGE
    assert "`..` may lead out of the repository" in refused.err
