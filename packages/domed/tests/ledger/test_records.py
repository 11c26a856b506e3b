"""A job ends with a record of where and with what it ran."""

from dataclasses import replace

from dome_contracts.canonical import digest_bytes
from dome_contracts.runtime.v1 import Artifact, CancelRequested, JobState, RunProvenance
from domed.bell import Bell
from domed.jobs import encoding
from domed.jobs.model import Submission
from domed.ledger import JobLedger
from domed.store.port import JobStore
from packages.domed.tests.ledger.conftest import submit
from packages.domed.tests.values import CountingIds, FixedClock, exited, started, stdout


async def test_a_job_that_ends_without_a_start_ends_with_the_record_that_is_made_of_its_request(
    store: JobStore, bell: Bell, ids: CountingIds
) -> None:
    def unstarted(asked: Submission) -> RunProvenance:
        return RunProvenance(input_hash=asked.input_hash, working_directory="nowhere")

    ledger = JobLedger(store, bell, clock=FixedClock(), ids=ids, unstarted=unstarted)
    canceled, refused = await submit(ledger), await submit(ledger)
    await ledger.cancel(canceled, CancelRequested())
    await ledger.finish(refused, JobState.FAILED, exited(1), provenance=None)
    for job_id in (canceled, refused):
        record = (await ledger.job(job_id)).provenance
        assert record == RunProvenance(input_hash=digest_bytes(b"{}"), working_directory="nowhere")
        event = (await ledger.events(job_id, since_seq=0, bytes_max=10**6))[-1]
        finished = encoding.decode(event.data).finished
        assert finished is not None
        assert finished.provenance == record


async def test_a_run_whose_end_says_nothing_more_ends_with_the_record_of_its_start_and_what_came_out(
    ledger: JobLedger,
) -> None:
    job_id = await submit(ledger)
    await ledger.start(job_id, replace(started(), provenance=RunProvenance(repo="/r")))
    await ledger.record(job_id, [stdout(b"x\n"), Artifact(name="a")])
    ended = await ledger.finish(job_id, JobState.FAILED, exited(1), provenance=None)
    assert ended.provenance == RunProvenance(
        repo="/r",
        stdout_digest=digest_bytes(b"x\n"),
        stderr_digest=digest_bytes(b""),
        artifacts=[Artifact(name="a")],
    )
