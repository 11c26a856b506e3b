"""From a goal to a plan, through a daemon of its own, and to the next plan, which knows what happened."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from dome_spec.planning import default_strategies_text
from tests.e2e.dome_home import Home
from tests.e2e.plan_home import a_repository

TEST = "tests/test_interest.py::test_half_even"
FILES = {
    "src/interest.py": "def half_even(value):\n    return int(value + 0.5)\n",
    "tests/test_interest.py": (
        "import sys\n\nsys.path.insert(0, 'src')\n\n\ndef test_half_even():\n"
        "    from interest import half_even\n\n    assert half_even(2.5) == 2\n"
    ),
    "mend.sh": "echo 'half_even = round' > src/interest.py\n",
    ".gitignore": ".venv\n",
}
MENDING = {
    "action": {"kind": "fix"},
    "layer": "transform",
    "skill": {"skill_id": "process.run", "version_range": "*"},
    "input": {"argv": ["sh", "mend.sh"]},
}


@pytest.fixture
def home() -> Iterator[Home]:
    """A repository with a test that fails, and a Python that can run it."""
    with a_repository() as made:
        for path, text in FILES.items():
            target = made.work / path
            target.parent.mkdir(exist_ok=True)
            target.write_text(text)
        (made.work / ".venv").symlink_to(sys.prefix)
        who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        for words in (["add", "-A"], [*who, "commit", "--quiet", "-m", "first"]):
            subprocess.run(["git", *words], cwd=made.work, check=True, timeout=60)
        yield made


def strategies(home: Home, codes: str) -> str:
    """The shipped strategies, with one answer to failures of this code."""
    from dome_spec.kernel.yaml_text import read_yaml

    value = read_yaml(default_strategies_text().encode())
    path = home.root / "strategies.json"
    path.write_text(json.dumps({**value, "responses": {codes: [MENDING]}}))
    return str(path)


@pytest.mark.slow
def test_a_failing_test_is_mended_by_a_plan_and_the_next_one_knows_what_did_it(home: Home) -> None:
    asked = ["--goal", "Interest is rounded half to even.", "--check", f'half=repo.test:{{"paths": ["{TEST}"]}}']
    asked += ["--criterion", "half=2.5 becomes 2.", "--strategies", strategies(home, "TESTS.FAILED")]
    first = home.dome("plan", "new", *asked, "--failing", TEST, "--json")
    assert first.code == 0, first.err
    (home.root / "plan.json").write_bytes(first.out)
    assert home.dome("plan", "check", str(home.root / "plan.json")).code == 0
    done = home.dome("plan", "run", str(home.root / "plan.json"), "--json")
    assert done.code == 0, done.err
    assert (home.work / "src/interest.py").read_text() == "half_even = round\n"
    [plan] = first.documents()
    *_, last = done.documents()
    ended = {
        plan["tasks"][task_id]["layer"]: entry["attempts"][-1]["outcome"]["failure_reason_code"]
        for task_id, entry in last["queue"]["entries"].items()
        if plan["tasks"][task_id]["spec"]["target"]["id"] == TEST and "proves" not in plan["tasks"][task_id]
        if entry["attempts"]
    }
    assert ended == {"diagnose": "NONE", "observe": "TESTS.FAILED", "transform": "NONE", "verify": "NONE"}
    again = home.dome("plan", "new", *asked)
    assert f"`{TEST}` is known to fail" in again.out.decode()
    assert "advisory" in again.out.decode()


@pytest.mark.slow
@pytest.mark.parametrize(("left", "verdict"), [("src/notes.txt", "APPROVE"), ("notes.txt", "REJECT")])
def test_the_plans_own_difference_shows_gates_the_whole_change_new_files_too(
    home: Home, left: str, verdict: str
) -> None:
    with (home.work / "mend.sh").open("a") as script:
        script.write(f"echo more > {left}\n")
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *who, "commit", "--quiet", "-am", "second"], cwd=home.work, check=True, timeout=60)
    asked = ["--goal", "Interest is rounded half to even.", "--allow", "src/**", "--failing", TEST]
    plan = home.dome("plan", "new", *asked, "--strategies", strategies(home, "TESTS.FAILED"), "--json")
    (home.root / "plan.json").write_bytes(plan.out)
    done = home.dome("plan", "run", str(home.root / "plan.json"), "--run-id", "run-1")
    assert done.code == 0, done.err
    judged = {
        each["task_id"]: each
        for each in home.dome("gate", "eval", "run-1", "--gate", "scope-of-change", "--json").documents()
    }
    tasks = plan.documents()[0]["tasks"]
    (difference,) = (each for name, each in judged.items() if tasks[name]["spec"]["target"]["id"] == "difference")
    codes = {"APPROVE": [], "REJECT": ["SCOPE.PATH_FORBIDDEN"]}
    assert (difference["verdict"], difference["policy_reason_codes"]) == (verdict, codes[verdict])
    status = subprocess.run(
        ["git", "status", "--porcelain"], cwd=home.work, check=True, capture_output=True, text=True, timeout=60
    )
    assert f"?? {left}" in status.stdout, "the repository's own index is as it was"


@pytest.mark.slow
def test_where_nothing_is_known_to_fail_and_nobody_mends_the_plan_only_judges(home: Home) -> None:
    asked = ["--goal", "Interest is rounded half to even.", "--strategies", strategies(home, "LINT.FAILED"), "--json"]
    first = home.dome("plan", "new", *asked)
    [plan] = first.documents()
    # The difference is required evidence, so it is recorded though nobody changes anything.
    layers = [[plan["tasks"][each]["layer"] for each in wave] for wave in plan["waves"]]
    assert layers == [["verify"], ["gate_inputs", "gate_inputs"]]
    (home.root / "plan.json").write_bytes(first.out)
    assert home.dome("plan", "run", str(home.root / "plan.json")).code == 1
