"""`dome plan new|show|check`: from a few words to a plan that is kept, explained, and made again."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.exit_codes import Exit
from dome_spec.commands import plan as group
from dome_spec.commands.plan.plan_text import plan_lines
from dome_spec.kernel.yaml_text import read_yaml
from tests.group_use import Said, use_group
from tests.plans_made import HALF_EVEN, a_criterion, a_failure, a_prior, packet_value, pattern_steps, plan_of

Git = Any
AT = "2024-05-17T09:30:00Z"
FILES = {
    "src/ledger/interest.py": "def half_even(value): ...\n",
    "tests/test_interest.py": "def test_half_even(): ...\n",
}


@dataclass(frozen=True)
class Command:
    """The group, used in a repository."""

    capture: pytest.CaptureFixture[str]

    def __call__(self, *argv: str) -> Said:
        return use_group(self.capture, group, words=("plan", *argv))


@pytest.fixture
def run(git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command, in a repository with a test, and with a state of its own."""
    git.commit("first", FILES)
    monkeypatch.chdir(git.root)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return Command(capsys)


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str, Any], str]:
    """A file beside the repository."""

    def write(name: str, content: Any) -> str:
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(path)

    return write


Written = Callable[[str, Any], str]


def packet(**changes: Any) -> dict[str, Any]:
    """A packet that begins where the repository stands."""
    return {name: each for name, each in packet_value(**changes).items() if name != "repository"}


def test_the_example_is_a_packet_that_can_be_planned(run: Command, written: Written) -> None:
    example = run("new", "--example").out
    path = written("packet.yaml", example)
    assert "#" in example
    assert run("check", path).out == f"{path}: a packet without a fault\n"
    assert run("new", "--from", path, "--at", AT).code == Exit.OK


def test_every_optional_part_of_a_packet_is_in_the_example() -> None:
    from dome_contracts.documents import schema
    from dome_spec.planning import packet_example

    members = set(schema("planning", "packet")["properties"]) - {"mission_id", "work_package_id", "profile"}
    uncommented = "\n".join(line.removeprefix("# ").removeprefix("#") for line in packet_example().splitlines())
    assert members <= {line.partition(":")[0] for line in uncommented.splitlines()}


def test_a_few_words_make_a_packet_and_the_repositorys_own_tests_decide(run: Command) -> None:
    made = run("new", "--goal", "Rounding is right.", "--allow", "src/**", "--packet-only")
    value = read_yaml(made.out.encode())
    assert value["packet_id"] == "rounding-is-right"
    assert value["checks"]["tests"]["input"] == {"paths": ["tests"]}
    assert [each["check"] for each in value["criteria"]] == ["tests"]
    assert value["constraints"]["allowed_paths"] == ["src/**"]


def test_checks_and_criteria_can_be_said(run: Command) -> None:
    done = run(
        "new", "--goal", "Rounding is right.", "--check", 'unit=repo.test:{"paths": ["tests/test_interest.py"]}',
        "--check", "lint=lint.run", "--criterion", "unit=The test passes.", "--criterion", "A person agrees.",
        "--packet-only", "--json",
    )  # fmt: skip
    [value] = done.documents()
    assert [each.get("check") for each in value["criteria"]] == ["unit", None]
    assert value["checks"]["lint"] == {"skill": {"skill_id": "lint.run", "version_range": "*"}, "input": {}}


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["new"], Exit.USAGE, "--example"),
        (["new", "--goal", "g", "--from", "x"], Exit.USAGE, "--from"),
        (["new", "--goal", "g", "--check", "unit"], Exit.USAGE, "NAME=SKILL"),
        (["new", "--goal", "g", "--check", "unit=repo.test:{"], Exit.USAGE, "no JSON"),
        (["new", "--goal", "g", "--check", "unit=repo.test:[]"], Exit.USAGE, "JSON object"),
        (["new", "--goal", "g", "--criterion", "lint=It holds."], Exit.INVALID, "/criteria/0/check"),
        (["new", "--goal", "g", "--at", "yesterday"], Exit.USAGE, "--at"),
        (["new", "--from", "nothing.yaml"], Exit.NOT_FOUND, "nothing.yaml"),
        (["show", "0123abcd"], Exit.NOT_FOUND, "dome plan new"),
    ],
)
def test_what_cannot_be_done_is_said_with_what_to_do(run: Command, argv: list[str], code: Exit, words: str) -> None:
    done = run(*argv)
    assert done.code == code
    assert words in done.err


def test_the_same_inputs_make_the_same_plan_and_it_is_kept_once(run: Command, written: Written) -> None:
    path = written("packet.json", packet())
    first = run("new", "--from", path, "--at", AT, "--json").out
    again = run("new", "--from", path, "--at", AT, "--json").out
    later = run("new", "--from", path, "--at", "2024-05-18T09:30:00Z", "--json").out
    assert first == again != later
    assert len(run("show", "--json").documents()) == 2


def test_a_plan_is_shown_with_its_waves_its_reasons_and_how_to_carry_it_out(run: Command, written: Written) -> None:
    path = written("packet.json", packet())
    done = run("new", "--from", path, "--failing", HALF_EVEN, "--at", AT)
    assert "wave 1: observe, diagnose" in done.out
    assert f"why: `{HALF_EVEN}` is known to fail" in done.out
    assert "dome plan run" in done.out
    [kept] = run("show", "--json").documents()
    shown = run("show", kept["plan_hash"].removeprefix("sha256:")[:8])
    assert shown.out.splitlines()[:3] == done.out.splitlines()[:3]
    [value] = run("show", kept["plan_hash"], "--json").documents()
    assert run("show", written("plan.json", value)).code == Exit.OK
    assert kept["plan_hash"].removeprefix("sha256:")[:8] in run("show").out


def test_a_kept_plan_is_made_again_and_compared(run: Command, written: Written) -> None:
    from dome_spec.planning import make_again

    assert make_again.__module__ == "dome_spec.planning.again"
    [value] = run("new", "--from", written("packet.json", packet()), "--at", AT, "--json").documents()
    path = written("plan.json", value)
    assert run("check", path).out == f"{path}: a plan without a fault\n"
    broken = {**value, "waves": value["waves"][::-1]}
    done = run("check", written("broken.json", broken), "--json")
    assert done.code == Exit.FAILED
    assert all(each["place"].startswith("/waves/") for each in done.documents())


def test_faults_of_every_kind_of_document_are_told_with_their_places(run: Command, written: Written) -> None:
    files = {
        written("packet.json", packet(criteria=[a_criterion(1, "lint")])): "/criteria/0/check",
        written("schema.json", {**packet(), "goal": "a\nb"}): "/goal",
        written("pattern.json", {"steps": []}): "/steps",
        written("strategies.yaml", "responses: {}\nversion: 1\n"): "/version",
    }  # fmt: skip
    done = run("check", *files, "--json")
    assert done.code == Exit.FAILED
    found = {(each["file"], each["place"]) for each in done.documents()}
    assert found >= set(files.items())
    assert run("check", written("none.yaml", "- a\n")).code == Exit.INVALID
    assert run("check", written("not.yaml", "a: [")).code == Exit.INVALID
    assert run("check", written("not.json", "{")).code == Exit.INVALID


def test_a_packet_of_another_repository_or_commit_is_refused_with_its_place(run: Command, written: Written) -> None:
    [value] = run("new", "--goal", "g", "--packet-only", "--json").documents()
    base = value["repository"]
    other = {**value, "repository": {**base, "repository_id": "repo-01hr47m300dw48d4by8jq7k94x"}}
    gone = {**value, "repository": {**base, "base_commit": "1" * 40}}
    for document, place in ((other, "/repository/repository_id"), (gone, "/repository/base_commit")):
        done = run("new", "--from", written("packet.json", document), "--json")
        assert done.code == Exit.INVALID
        assert [each["field"] for each in json.loads(done.err)["error"]["violations"]] == [place]


def own_pattern() -> dict[str, Any]:
    return {
        "schema_version": "1", "pattern_id": "mend", "version": "1.0.0", "title": "Mend", "category": "repair",
        "summary": "Mend it.", "steps": pattern_steps(),
        "parameters": {
            "test": {"description": "The test.", "kind": "text"},
            "paths": {"description": "Where.", "kind": "path_globs"},
        },
    }  # fmt: skip


def test_a_pattern_and_strategies_of_ones_own_are_used(run: Command, written: Written) -> None:
    from dome_spec.planning import default_strategies_text

    pattern = own_pattern()
    use = {"pattern_id": "mend", "version_range": "*", "arguments": {"test": HALF_EVEN}}
    path = written("packet.json", packet(pattern=use))
    assert run("new", "--from", path).code == Exit.INVALID
    assert run("check", written("pattern.json", pattern)).code == Exit.OK
    strategies = written("own.yaml", default_strategies_text().replace("tasks_max: 256", "tasks_max: 1"))
    named = ["new", "--from", path, "--pattern", written("pattern.json", pattern)]
    assert "/criteria" in run(*named, "--strategies", strategies).err
    done = run(*named)
    assert "The pattern mend 1.0.0 has the step `mend`." in done.out
    assert run("check", strategies).code == Exit.OK


def test_strategies_and_patterns_of_the_repository_hold_where_none_are_named(
    run: Command, git: Git, written: Written
) -> None:
    from dome_spec.planning import default_strategies_text

    answers = default_strategies_text().replace("codex.exec", "ledger.mend")
    git.write(".dome/control_strategies.yaml", answers)
    assert "with ledger.mend" in run("new", "--goal", "Rounding is right.").out
    git.write(".dome/patterns/mend.json", json.dumps(own_pattern()))
    use = {"pattern_id": "mend", "version_range": "*", "arguments": {"test": HALF_EVEN}}
    assert "The pattern mend 1.0.0" in run("new", "--from", written("packet.json", packet(pattern=use))).out


def test_a_failure_with_a_code_of_its_own_can_be_stated(run: Command, written: Written) -> None:
    path = written("packet.json", packet())
    done = run("new", "--from", path, "--failing", f"{HALF_EVEN}=TESTS.HUNG", "--failing", "tests/test_interest.py")
    assert "about TESTS.HUNG" in done.out
    assert "about TESTS.FAILED" in done.out
    parametrised = run("new", "--from", path, "--failing", f"{HALF_EVEN}[a=b]")
    assert f"fix {HALF_EVEN}[a=b] with" in parametrised.out
    loud = run("new", "--from", path, "--failing", f"{HALF_EVEN}[A=B]")
    assert f"fix {HALF_EVEN}[A=B] with" in loud.out


@pytest.mark.parametrize("said", ["", "=TESTS.FAILED", "a" * 1025, "tests/a.py=TESTS.SAD", "tests/a.py=NONE"])
def test_a_failure_that_nothing_can_answer_is_a_wrong_command_line(run: Command, written: Written, said: str) -> None:
    done = run("new", "--from", written("packet.json", packet()), "--failing", said)
    assert (done.code, done.out) == (Exit.USAGE, "")
    assert done.err.startswith("dome: --failing")


def test_priors_are_shown_with_their_standing_and_what_came_of_them() -> None:
    priors = [a_prior(skill_id="ledger.mend"), a_prior(skill_id="codex.exec", reasons=["stale", "support_low"])]
    lines = "\n".join(plan_lines(plan_of(failures=[a_failure()], priors=priors)))
    assert "prescriptive: its remedy is placed first" in lines
    assert "advisory: it is told to, or orders, the answers" in lines
    assert "support_low" in lines
    assert "at most 1 attempt\n" in lines
    assert "why: The prior is prescriptive: one attempt, then the ordinary plan." in lines


def test_outside_of_a_repository_nothing_is_planned(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    done = run("new", "--goal", "g")
    assert done.code == Exit.PRECONDITION
    assert "git" in done.err
