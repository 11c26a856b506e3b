"""`dome retry` with a real daemon: the same once more, until retention has taken input and artifacts."""

from collections.abc import Iterator

import pytest

from dome_contracts.exit_codes import Exit
from tests.e2e.dome_home import Home, a_home

MAKE = '. "$DOME_TOOL_SH"; printf "%s" "$1" > "$DOME_SCRATCH/made"; dome_artifact made "$DOME_SCRATCH/made" text/plain'


@pytest.fixture
def home() -> Iterator[Home]:
    with a_home() as made:
        yield made


def job_of(err: str) -> str:
    return next(line for line in err.splitlines() if line.startswith("job-"))


def test_a_failed_job_runs_once_more_where_it_ran_and_its_record_says_so(home: Home) -> None:
    script = "pwd; test -e mended || { echo broken >&2; exit 3; }"
    failed = home.dome("run", "process.run", "--label", "case=retry", "--", "sh", "-c", script)
    assert failed.code == 3
    first = job_of(failed.err)
    (home.work / "mended").touch()
    done = home.dome("retry", first)
    assert (done.code, done.out) == (0, f"{home.work.resolve()}\n".encode())
    again = job_of(done.err)
    assert f"a retry of {first}" in home.dome("explain", again).out.decode()
    (manifest,) = home.dome("provenance", again, "--format", "manifest").documents()
    assert manifest["provenance"]["retry_of_job_id"] == first
    assert home.dome("verify", again).code == 0
    (job,) = home.dome("job", again, "--json").documents()
    (before,) = home.dome("job", first, "--json").documents()
    assert (job["labels"], job["retry_of_job_id"]) == ({"case": "retry"}, first)
    assert job["correlation"]["run_id"] == before["correlation"]["run_id"]


def test_what_retention_removed_is_neither_run_again_nor_read_and_says_what_to_do(home: Home) -> None:
    home.configure("[retention]\noutput_jobs_max = 1\n")
    old, young = [
        job_of(home.dome("run", "process.run", "--", "sh", "-c", MAKE, "sh", text).err) for text in ("old", "young")
    ]
    assert home.dome("artifact", old, "made").out == b"old"
    assert home.dome("service", "stop").code == 0
    # The next daemon looks when it starts, beside its first calls.
    gone = next(tried for _ in range(100) if (tried := home.dome("artifact", old, "made")).code != 0)
    assert (gone.code, "ARTIFACT_GONE" in gone.err, "dome retry" in gone.err) == (Exit.NOT_FOUND, True, True)
    refused = home.dome("retry", old)
    assert (refused.code, "INPUT_GONE" in refused.err, "dome run" in refused.err) == (Exit.PRECONDITION, True, True)
    assert home.dome("artifact", young, "made").out == b"young"
    assert home.dome("retry", young).code == 0
    files = [path for path in (home.state / "artifacts").rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in files] == [b"young"]
    (checked,) = home.dome("verify", old, "--json").documents()
    assert "retention removed it" in next(
        each["message"] for each in checked["findings"] if each["check"] == "artifacts"
    )
