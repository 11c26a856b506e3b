"""Every group of verbs loads what it needs by itself, and then says what it says where everything was loaded before."""

import subprocess
from collections.abc import Iterator

import pytest

from dome_contracts.exit_codes import Exit
from tests.e2e.dome_home import Home, a_home, finish

NO_JOB = "job-01jd8x3k5m7q9r2t4v6w8y0z1b"


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with a_home() as made:
        subprocess.run(["git", "init", "-q", "."], cwd=made.work, check=True)
        yield made


@pytest.fixture(scope="module")
def job(home: Home) -> str:
    """A job that has ended."""
    begun = home.dome("run", "process.run", "--detach", "--", "true").out.decode().strip()
    assert home.dome("wait", begun).code == Exit.OK
    return begun


@pytest.mark.parametrize(
    ("line", "code"),
    [
        *((line, Exit.OK) for line in ("tools", "tool process.run", "locks", "completions bash")),
        *((f"{verb} JOB", Exit.OK) for verb in ("job", "cancel", "explain", "provenance", "verify")),
        *((line, Exit.NOT_FOUND) for line in (f"retry {NO_JOB}", "artifact JOB none", "charter check")),
        *((line, Exit.NOT_FOUND) for line in ("gate explain run-1", "plan status run-1", "standard show no.such")),
        ("promote run-1 --commit HEAD --to main", Exit.NOT_FOUND),
        *((line, Exit.PRECONDITION) for line in ("artefact show tried WP01", "board tried", "mission list")),
    ],
)
def test_a_use_that_loads_python_itself_ends_like_one_that_does_not(
    home: Home, job: str, line: str, code: Exit
) -> None:
    words = line.replace("JOB", job).split()
    done = finish(home.start(*words))
    assert (done.code, "Traceback" in done.err) == (code, False), done.err
    assert done == home.dome(*words)
