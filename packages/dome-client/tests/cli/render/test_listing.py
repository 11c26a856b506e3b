from datetime import UTC, datetime

from dome_client.cli.render import change, listing
from dome_contracts.errors.v1 import ErrorReason
from dome_contracts.runtime import v1

TIME = datetime(2020, 1, 1, tzinfo=UTC)


def refused(number: int, **fields: object) -> v1.RefusedRequest:
    said = {"skill_id": "a.tool", "reason": ErrorReason.TOOL_UNTRUSTED, "method": "SkillExecute", "occur_time": TIME}
    return v1.RefusedRequest(refusal_id=f"ref-{number}", **(said | fields))  # type: ignore[arg-type]


def test_jobs_and_refusals_are_one_list_newest_first() -> None:
    found = v1.ListJobsResponse(
        jobs=[v1.Job(job_id="job-4"), v1.Job(job_id="job-1")], refused=[refused(3), refused(2, method="GetTool")]
    )
    header, *lines = listing.table(found, colour=False).splitlines()
    assert header.split() == ["JOB", "STATE", "ACCEPTED", "RAN", "TOOL"]
    assert [line.split()[0] for line in lines] == ["job-4", "ref-3", "ref-2", "job-1"]
    assert lines[1].endswith("a.tool: TOOL_UNTRUSTED")
    assert lines[2].endswith("GetTool a.tool: TOOL_UNTRUSTED")
    documents = list(listing.documents(found))
    assert [each.get("job_id") or each["refusal_id"] for each in documents] == ["job-4", "ref-3", "ref-2", "job-1"]
    assert documents[1]["reason"] == "ERROR_REASON_TOOL_UNTRUSTED"


def test_what_has_no_row_of_its_own_is_counted() -> None:
    found = v1.ListJobsResponse(refused=[refused(1, omitted_count=41, skill_id="")])
    assert listing.table(found, colour=False).endswith("SkillExecute: TOOL_UNTRUSTED (and 41 more)")


def test_words_of_a_caller_cannot_steer_the_terminal() -> None:
    assert "\x1b" not in listing.table(v1.ListJobsResponse(refused=[refused(1, skill_id="\x1b[2J")]), colour=False)


def test_colour_is_there_only_when_it_is_wanted() -> None:
    jobs = [v1.Job(job_id="job-a", state=v1.JobState.FAILED)]
    assert "\x1b[31mFAILED\x1b[0m" in listing.jobs(jobs, colour=True)
    assert "\x1b" not in listing.jobs(jobs, colour=False)
    assert listing.jobs([], colour=True) == "No jobs."


def test_a_change_says_when_what_and_why() -> None:
    outcome = v1.Outcome(failure_reason_code="TESTS.FAILED")
    job = v1.Job(job_id="job-a", state=v1.JobState.FAILED, skill_id="a.tool", end_time=TIME, outcome=outcome)
    line = change.change_line(v1.JobChange(revision=7, job=job), colour=False)
    assert line.split() == ["7", "2020-01-01", "00:00:00Z", "job-a", "FAILED", "a.tool", "TESTS.FAILED"]
    assert change.change_line(v1.JobChange(revision=8), colour=False) == "8"
