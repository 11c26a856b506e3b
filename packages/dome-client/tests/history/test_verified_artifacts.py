"""The artifacts that a record names are those that its events name."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from dome_client.history import Check
from dome_contracts.canonical import digest_bytes
from dome_contracts.runtime import v1
from tests.recorded_job import (
    STORED,
    broken,
    event,
    head_of,
    job_of,
    named,
    verify,
)

REPORT = v1.Artifact("report", digest_bytes(b"report"), 6, "text/plain")
LOG = v1.Artifact("log", digest_bytes(b"log"), 3, "text/plain")


def producing(*artifacts: v1.Artifact, recorded: Sequence[v1.Artifact]) -> list[bytes]:
    """The record of a job that produced some, and says at its end that it produced others."""
    *before, last = STORED
    end = v1.JobEvent.parse(last)
    assert end.finished is not None
    assert end.finished.provenance is not None
    stored = list(before)
    for number, each in enumerate(artifacts):
        stored.append(bytes(event(end.seq + number, "artifact_produced", v1.ArtifactProduced(artifact=each))))
    finished = replace(
        end.finished,
        chain_head=head_of(stored),
        provenance=replace(end.finished.provenance, artifacts=list(recorded)),
    )
    return [*stored, bytes(event(end.seq + len(artifacts), "finished", finished))]


def test_a_record_that_names_what_the_events_name_holds() -> None:
    stored = producing(REPORT, LOG, recorded=[REPORT, LOG])
    found = verify(stored, replace(job_of(stored), artifacts=[REPORT, LOG]))
    assert found.holds
    assert found.checks[-1] is Check.ARTIFACTS


@pytest.mark.parametrize(
    ("recorded", "said"),
    [
        ([], "names the artifact none, and the events 'report'"),
        ([REPORT], "names the artifact none, and the events 'log'"),
        ([REPORT, replace(LOG, digest=REPORT.digest)], f"names the artifact 'log' ({REPORT.digest})"),
        ([LOG, REPORT], "names the artifact 'log'"),
        ([REPORT, LOG, LOG], "and the events none"),
    ],
)
def test_a_record_that_names_other_artifacts_than_the_events_is_found(recorded: list[v1.Artifact], said: str) -> None:
    stored = producing(REPORT, LOG, recorded=recorded)
    found = verify(stored, replace(job_of(stored), artifacts=[REPORT, LOG]))
    assert broken(found) == {Check.ARTIFACTS}
    assert said in found.findings[0].message
    assert named(found) == {v1.JobEvent.parse(stored[-1]).event_id}
