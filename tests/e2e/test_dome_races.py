"""Many clients at once: one daemon is started, one job is made."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.dome_home import Done, Home, a_home

CLIENTS = 16


@pytest.fixture
def home() -> Iterator[Home]:
    with a_home() as made:
        yield made


def at_once(home: Home, *words: str) -> list[Done]:
    """The same use of the command by many processes; none of them loads Python first, so they meet."""
    with ThreadPoolExecutor(CLIENTS) as threads:
        return [use.result() for use in [threads.submit(home.dome, *words) for _ in range(CLIENTS)]]


def test_of_many_clients_that_find_no_daemon_one_starts_it_and_all_are_served(home: Home) -> None:
    ends = at_once(home, "jobs", "--json")
    assert [(done.code, done.out, done.err) for done in ends] == [(0, b"", "")] * CLIENTS
    log = (home.state / "domed.log").read_text()
    assert (home.state / "domed.log").stat().st_mode & 0o777 == 0o600
    assert len([line for line in log.splitlines() if "message=ready" in line]) == 1, log
    assert len(home.daemons()) == 1


def test_one_key_from_many_processes_is_one_job_and_one_execution(home: Home) -> None:
    ends = at_once(home, "run", "process.run", "--key", "once", "--", "sh", "-c", "echo ran >> witness; echo done")
    assert [(done.code, done.out) for done in ends] == [(0, b"done\n")] * CLIENTS
    assert len({done.err for done in ends}) == 1
    assert (home.work / "witness").read_text() == "ran\n"


def test_a_socket_that_a_killed_daemon_left_behind_is_replaced(home: Home) -> None:
    assert home.dome("jobs").code == 0
    home.end_all()
    assert home.socket.exists()
    assert home.dome("jobs").code == 0
    assert len(home.daemons()) == 1


def test_a_named_endpoint_is_never_started(home: Home) -> None:
    environ = home.environ(DOMED_ENDPOINT=f"unix:{home.root}/elsewhere.sock")
    done = home.dome("jobs", environ=environ)
    assert done.code == 69
    assert "there is no socket" in done.err
    refused = home.dome("service", "start", environ=environ)
    assert refused.code == 69
    assert "DOMED_ENDPOINT names it" in refused.err
    assert home.daemons() == []


def test_a_start_that_fails_shows_the_end_of_the_daemons_log(home: Home) -> None:
    home.configure("[jobs]\nparallel_max = 0\n")
    done = home.dome("jobs")
    assert done.code == 69
    assert "/jobs/parallel_max" in done.err
    (home.config / "domed.toml").unlink()
