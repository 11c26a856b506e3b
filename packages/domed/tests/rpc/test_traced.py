"""The span around a call, without a daemon: what it is told, and when there is none."""

import pytest

from dome_contracts.runtime.v1 import Correlation, Job, SkillExecuteRequest, SkillExecuteResponse
from domed.errors import DomedError, ShuttingDown, SkillNotFound
from domed.rpc.traced import traced
from domed.telemetry import TraceContext
from packages.domed.tests.telemetry.recorder import Recorder

ASKED = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
OWN = "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000001-01"


class Service:
    """Answers as it is told to, and keeps what it was asked."""

    def __init__(self, tracer: Recorder | None, fault: BaseException | None = None) -> None:
        self.tracer = tracer
        self.fault = fault
        self.asked: SkillExecuteRequest | None = None

    @traced
    async def skill_execute(self, message: SkillExecuteRequest) -> SkillExecuteResponse:
        self.asked = message
        if self.fault is not None:
            raise self.fault
        return SkillExecuteResponse(job=Job(job_id="job-1"))


async def test_the_job_continues_the_span_and_the_span_the_caller() -> None:
    tracer = Recorder()
    service = Service(tracer)
    correlation = Correlation(traceparent=ASKED, tracestate="vendor=1", run_id="run-one")
    await service.skill_execute(SkillExecuteRequest(skill_id="a.tool", correlation=correlation))
    assert service.asked is not None
    assert service.asked.correlation == Correlation(traceparent=OWN, tracestate="vendor=1", run_id="run-one")
    (span,) = tracer.spans
    assert span.parent == TraceContext(ASKED, "vendor=1")
    assert (span.attributes["dome.job.id"], span.attributes["rpc.response.status_code"]) == ("job-1", "OK")
    assert span.is_failed is False


@pytest.mark.parametrize(
    "correlation",
    [
        Correlation(traceparent="00-0-0-0"),
        Correlation(traceparent=ASKED.upper()),
        Correlation(traceparent=ASKED, tracestate="v=1\n"),
        Correlation(tracestate="x" * 513),
    ],
)
async def test_what_is_no_trace_context_goes_on_as_it_is_to_be_refused(correlation: Correlation) -> None:
    tracer = Recorder()
    service = Service(tracer)
    message = SkillExecuteRequest(skill_id="a.tool", correlation=correlation)
    await service.skill_execute(message)
    assert service.asked is message
    assert tracer.spans == []


async def test_without_a_tracer_the_request_goes_on_as_it_is() -> None:
    service = Service(None)
    message = SkillExecuteRequest(skill_id="a.tool", correlation=Correlation(traceparent=ASKED))
    await service.skill_execute(message)
    assert service.asked is message


@pytest.mark.parametrize(
    ("fault", "status", "error_type", "is_failed"),
    [
        (SkillNotFound("a.tool"), "NOT_FOUND", "SKILL_NOT_FOUND", False),
        (ShuttingDown(), "UNAVAILABLE", "SHUTTING_DOWN", True),
        (ValueError("a defect"), "INTERNAL", "INTERNAL", True),
    ],
)
async def test_only_faults_of_the_daemon_are_failures(
    fault: DomedError | ValueError, status: str, error_type: str, is_failed: bool
) -> None:
    tracer = Recorder()
    with pytest.raises(type(fault)):
        await Service(tracer, fault).skill_execute(SkillExecuteRequest(skill_id="a.tool" * 1000))
    (span,) = tracer.spans
    assert (span.attributes["rpc.response.status_code"], span.attributes["error.type"]) == (status, error_type)
    assert span.is_failed is is_failed
    assert len(str(span.attributes["dome.tool.id"])) == 256
