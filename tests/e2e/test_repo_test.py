"""`dome run repo.test` through a real daemon: progress while the tests run, a result with a reason, provenance."""

import json
import subprocess
import sys
import sysconfig
from collections.abc import Iterator

import pytest

from dome_contracts.exit_codes import Exit
from tests.e2e.dome_home import Home, a_home, finish

SLOW = "import pytest, time\n@pytest.mark.parametrize('n', range(8))\ndef test_slow(n): time.sleep(0.1)\n"
FAILING = "def test_bad(): assert 1 == 2\n"
CRASHING = "import os\ndef test_crash(): os._exit(0)\n"
UNCOLLECTED = "import nowhere_at_all\n"
HANGING = "import threading\ndef test_hang():\n    threading.Event().wait()\n"


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with a_home() as made:
        environment = made.work / ".venv"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
        (packages,) = environment.glob("lib/python*/site-packages")
        (packages / "pytest.pth").write_text(sysconfig.get_paths()["purelib"])
        for name, text in {
            "slow": SLOW,
            "failing": FAILING,
            "crashing": CRASHING,
            "uncollected": UNCOLLECTED,
            "hanging": HANGING,
        }.items():
            (made.work / f"test_{name}.py").write_text(text)
        for words in (["init", "-q"], ["add", "test_slow.py"], ["commit", "-qm", "x"]):
            identity = ["-c", "user.name=T", "-c", "user.email=t@localhost"]
            subprocess.run(["git", *identity, *words], cwd=made.work, env=made.environ(), check=True)
        yield made


def job_of(err: str) -> str:
    return next(line for line in err.splitlines() if line.startswith("job-"))


def test_progress_comes_while_the_tests_run_and_the_record_says_with_what(home: Home) -> None:
    done = home.dome("run", "repo.test", "--json", "--set", 'paths=["test_slow.py"]')
    assert done.code == 0
    events = done.documents()
    told = [event["progress"] for event in events if "progress" in event]
    assert [each["total"] for each in told if each.get("unit") == "tests"][-1] == 8
    counts = [each.get("done", 0) for each in told]
    assert counts == sorted(counts)
    assert len(set(counts)) > 2
    job = job_of(done.err)
    (shown,) = home.dome("job", job, "--json").documents()
    result = shown["outcome"]["result"]
    assert (result["totals"]["passed"], result["python"]["path"]) == (8, str(home.work / ".venv/bin/python"))
    (manifest,) = home.dome("provenance", job, "--format", "manifest").documents()
    provenance = json.dumps(manifest["provenance"])
    assert '"repo.test": "1.0.0"' in provenance
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=home.work, capture_output=True, text=True, check=True)
    assert head.stdout.strip() in provenance


REASONS = {
    "failing": "TESTS.FAILED",
    "crashing": "TESTS.CRASHED",
    "uncollected": "TESTS.COLLECTION_FAILED",
    "hanging": "TESTS.HUNG",
}


@pytest.mark.parametrize(("name", "reason"), REASONS.items())
def test_a_failure_a_crash_a_collection_error_and_a_hang_have_four_reasons(home: Home, name: str, reason: str) -> None:
    paths = f'paths=["test_{name}.py"]'
    done = home.dome("run", "repo.test", "--set", paths, "--set", "idle_timeout_s=3")
    assert done.code != 0
    assert reason in done.err
    (shown,) = home.dome("job", job_of(done.err), "--json").documents()
    assert shown["outcome"]["failure_reason_code"] == reason
    assert shown["outcome"]["result"]["pytest"]["version"] == pytest.__version__


def test_a_cancelled_run_has_a_partial_result_and_leaves_no_process(home: Home) -> None:
    following = home.start("run", "repo.test", "--json", "--set", 'paths=["test_hanging.py"]')
    assert following.stdout is not None
    assert any(b"test_hanging.py::test_hang" in line for line in following.stdout)
    (job,) = home.dome("jobs", "--json", "--state", "running").documents()
    assert home.dome("cancel", job["job_id"]).code == 0
    assert finish(following).code == Exit.CANCELED
    (shown,) = home.dome("job", job["job_id"], "--json").documents()
    assert shown["state"] == "JOB_STATE_CANCELED"
    assert shown["outcome"]["failure_reason_code"] == "CANCEL.REQUESTED"
    assert shown["outcome"]["result"]["running"] == ["test_hanging.py::test_hang"]
    assert [argv for _, argv in home._processes() if str(home.work / ".venv/bin/python") in argv] == []
