"""A tool that declares limits of the kernel is held to them by a real daemon."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from dome_contracts.exit_codes import Exit
from packages.domed.tests.runtime_suite import write_tool
from tests.e2e.dome_home import Home, a_home

EVERYTHING = {"filesystem": "write", "network": "any", "starts_processes": True}
SPIN = "while :; do :; done"
SHOW = "echo files $(ulimit -n); echo core $(ulimit -c)"


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with a_home() as made:
        tools = made.config / "tools"
        write_tool(tools, "user.spin", SPIN, limits={"cpu_s_max": 1}, effects=EVERYTHING)
        write_tool(tools, "user.show", SHOW, limits={"open_files_max": 77}, effects=EVERYTHING)
        write_tool(tools, "user.held", SHOW, limits={"open_files_max": 77})
        digests = [tool["tool_digest"] for tool in made.dome("tools", "--json", "user.").documents()]
        assert len(digests) == 3
        made.configure(f"[trust]\ndigests = {json.dumps(digests)}\n")
        assert made.dome("service", "stop").code == 0
        yield made


def job(home: Home, err: str) -> dict[str, Any]:
    job_id = next(line for line in err.splitlines() if line.startswith("job-"))
    (found,) = home.dome("job", job_id, "--json").documents()
    return found


def test_processor_time_over_the_limit_ends_the_job_with_its_reason(home: Home) -> None:
    done = home.dome("run", "user.spin")
    assert done.code == Exit.LIMIT
    outcome = job(home, done.err)["outcome"]
    assert (outcome["cause"], outcome["failure_reason_code"]) == ("OUTCOME_CAUSE_LIMIT", "LIMIT.CPU_TIME")
    assert outcome["signal"] == 24
    assert "LIMIT.CPU_TIME" in done.err


@pytest.mark.parametrize("tool", ["user.show", "user.held"])
def test_a_program_finds_its_limits(home: Home, tool: str) -> None:
    assert home.dome("run", tool).out == b"files 77\ncore 0\n"


def test_a_program_without_limits_leaves_no_core_file(home: Home) -> None:
    assert home.dome("run", "process.run", "--", "sh", "-c", "ulimit -c").out == b"0\n"


def test_a_description_shows_the_limits(home: Home) -> None:
    (described,) = home.dome("tool", "user.show", "--json").documents()
    assert described["limits"]["open_files_max"] == 77
