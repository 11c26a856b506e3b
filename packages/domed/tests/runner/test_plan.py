"""What is run for a job."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import Correlation, EffectsEnforcement, Enforcement
from dome_contracts.tool import SHELL_HELPER
from domed.executors.port import Effects, RunLimits
from domed.jobs.model import Job
from domed.runner import plan
from packages.domed.tests.runner.conftest import Daemon
from packages.domed.tests.values import NOON, submission

A = JobId("job-a")
SCRATCH = Path("/scratch/1")
HELD = EffectsEnforcement(filesystem=Enforcement.ENFORCED)
ENVIRONMENT = {"set": {"MODE": "fast", "LANG": "de"}, "from_caller": ["TOKEN", "MODE"]}


def job(**changes: Any) -> Job:
    return Job(A, submission(**changes), create_time=NOON)


def limits(daemon: Daemon, asked: Job, *, after_s: float = 0, **of_tool: Any) -> RunLimits:
    daemon.tool("demo.plan", limits=of_tool)
    tool = daemon.catalog.view().require("demo.plan")
    now = NOON + timedelta(seconds=after_s)
    return plan.invocation(asked, tool, daemon.config, payload=b"", scratch=SCRATCH, now=now).limits


def test_the_environment_comes_from_daemon_manifest_and_caller_in_this_order(daemon: Daemon) -> None:
    daemon.tool("demo.plan", environment=ENVIRONMENT)
    tool = daemon.catalog.view().require("demo.plan")
    asked = job(environment={"TOKEN": "t", "MODE": "slow", "LD_PRELOAD": "evil"})
    invocation = plan.invocation(asked, tool, daemon.config, payload=b"", scratch=SCRATCH, now=NOON)
    assert invocation.environment == {
        **daemon.config.child_environment,
        "MODE": "slow",
        "LANG": "de",
        "TOKEN": "t",
        "DOME_RUN_ID": "run-one",
        "DOME_TOOL_ID": "demo.plan",
        "DOME_TOOL_SH": SHELL_HELPER,
    }


def test_the_trace_of_the_caller_is_passed_on(daemon: Daemon) -> None:
    tool = daemon.catalog.view().require("demo.true")
    asked = job(correlation=Correlation(run_id="run-one", traceparent="00-1-2-3"))
    invocation = plan.invocation(asked, tool, daemon.config, payload=b"", scratch=SCRATCH, now=NOON)
    assert invocation.environment["TRACEPARENT"] == "00-1-2-3"


def test_what_differs_from_run_to_run_is_not_in_the_record_of_the_environment(daemon: Daemon) -> None:
    tool = daemon.catalog.view().require("demo.true")
    start = plan.run_start(job(), tool, daemon.config, executor=daemon.executor, held=HELD, scratch=SCRATCH)
    assert start.environment == daemon.config.child_environment
    assert start.executor == "local-process/scripted"


def test_what_is_recorded_of_the_effects_is_what_the_executor_says(daemon: Daemon) -> None:
    tool = daemon.catalog.view().require("demo.true")
    start = plan.run_start(job(), tool, daemon.config, executor=daemon.executor, held=HELD, scratch=SCRATCH)
    assert start.effects_enforcement is HELD


def test_a_run_is_held_to_the_effects_of_its_manifest_and_may_read_its_own_folder(daemon: Daemon) -> None:
    daemon.tool("demo.plan", effects={"filesystem": "read", "network": "loopback", "starts_processes": True})
    tool = daemon.catalog.view().require("demo.plan")
    assert plan.invocation(job(), tool, daemon.config, payload=b"", scratch=SCRATCH, now=NOON).effects == Effects(
        filesystem="read", network="loopback", starts_processes=True, folder=tool.location
    )


def test_a_job_without_a_directory_runs_in_scratch_and_has_no_repository(daemon: Daemon) -> None:
    tool = daemon.catalog.view().require("demo.true")
    start = plan.run_start(job(), tool, daemon.config, executor=daemon.executor, held=HELD, scratch=SCRATCH)
    assert start.working_directory == SCRATCH
    assert start.repository == "none"


def test_a_tool_for_scratch_directories_ignores_the_callers(daemon: Daemon) -> None:
    daemon.tool("demo.plan", working_directory="scratch")
    tool = daemon.catalog.view().require("demo.plan")
    assert plan.working_directory(job(working_directory="/tmp"), tool) is None


def test_the_manifest_says_how_much_of_the_repository_is_recorded(daemon: Daemon) -> None:
    for policy in ("full", "head", "none"):
        daemon.tool("demo.plan", provenance={"repository": policy})
        tool = daemon.catalog.view().require("demo.plan")
        asked = job(working_directory="/srv")
        start = plan.run_start(asked, tool, daemon.config, executor=daemon.executor, held=HELD, scratch=SCRATCH)
        assert (start.repository, start.working_directory) == (policy, Path("/srv"))


def test_limits_are_the_daemons_where_the_manifest_has_none(daemon: Daemon) -> None:
    config = daemon.config
    assert limits(daemon, job()) == RunLimits(
        run_timeout_s=config.run_timeout_s, grace_s=config.grace_s, output_bytes_max=config.output_bytes_max
    )


def test_limits_of_the_manifest(daemon: Daemon) -> None:
    of_tool: dict[str, Any] = {
        "run_timeout_s": 7.5,
        "idle_timeout_s": 3.0,
        "grace_s": 0.0,
        "output_bytes_max": 99,
        "on_output_limit": "kill",
    }
    assert limits(daemon, job(), **of_tool) == RunLimits(
        run_timeout_s=7.5, idle_timeout_s=3.0, grace_s=0.0, output_bytes_max=99, kill_on_output_limit=True
    )


def test_a_request_only_tightens(daemon: Daemon) -> None:
    tighter = job(grace=timedelta(seconds=1), output_bytes_max=10)
    found = limits(daemon, tighter, grace_s=2.0, output_bytes_max=99)
    assert (found.grace_s, found.output_bytes_max) == (1.0, 10)
    looser = job(grace=timedelta(seconds=9), output_bytes_max=1000)
    found = limits(daemon, looser, grace_s=2.0, output_bytes_max=99)
    assert (found.grace_s, found.output_bytes_max) == (2.0, 99)


def test_a_deadline_leaves_what_the_queue_did_not_take(daemon: Daemon) -> None:
    asked = job(deadline=timedelta(seconds=10))
    assert limits(daemon, asked, after_s=4, run_timeout_s=60.0).run_timeout_s == 6.0
    assert limits(daemon, asked, after_s=4, run_timeout_s=5.0).run_timeout_s == 5.0
    assert limits(daemon, asked, after_s=11, run_timeout_s=5.0).run_timeout_s == 0.0


def test_a_clock_that_went_back_gives_nobody_more_time(daemon: Daemon) -> None:
    asked = job(deadline=timedelta(seconds=10))
    assert limits(daemon, asked, after_s=-100, run_timeout_s=60.0).run_timeout_s == 10.0


def test_limits_of_the_whole_run_are_the_manifests(daemon: Daemon) -> None:
    found = limits(daemon, job(), run_memory_bytes_max=2**30, run_processes_max=9)
    assert (found.run_memory_bytes_max, found.run_processes_max) == (2**30, 9)
    none = limits(daemon, job())
    assert (none.run_memory_bytes_max, none.run_processes_max) == (None, None)


def test_what_the_kernel_holds_a_run_to_is_the_manifests(daemon: Daemon) -> None:
    found = limits(daemon, job(), cpu_s_max=5, memory_bytes_max=2**30, open_files_max=64, user_processes_max=99)
    assert (found.cpu_s_max, found.memory_bytes_max, found.open_files_max, found.user_processes_max) == (
        5, 2**30, 64, 99,
    )  # fmt: skip
    none = limits(daemon, job())
    assert (none.cpu_s_max, none.memory_bytes_max, none.open_files_max, none.user_processes_max) == (None,) * 4
