"""Retention with real processes: output goes, what happened stays, and an old key never runs again."""

from collections.abc import Iterator

import pytest

from dome_client.connection import connect
from dome_client.errors import DomeError
from dome_contracts.exit_codes import Exit
from tests.e2e.dome_home import Home, a_home

SHELL = ("process.run", {"argv": ["sh", "-c", "echo one; echo two"]})


@pytest.fixture
def home() -> Iterator[Home]:
    with a_home() as made:
        yield made


async def test_output_beyond_the_limit_is_gone_after_a_restart_and_the_job_is_not(home: Home) -> None:
    home.configure("[retention]\noutput_jobs_max = 1\nchanges_max = 4\n")
    async with connect(environ=home.environ()) as client:
        old, young = [
            await client.wait((await client.execute(*SHELL, idempotency_key=key)).job_id) for key in ("old", "young")
        ]
    assert home.dome("service", "stop").code == 0
    # The next daemon looks when it starts, beside its first calls.
    assert home.dome("events", young.job_id, "--raw").out == b"one\ntwo\n"
    gone = next(tried for _ in range(100) if (tried := home.dome("events", old.job_id)).code != 0)
    async with connect(environ=home.environ()) as client:
        assert await client.status(old.job_id) == old
        assert (await client.execute(*SHELL, idempotency_key="young")).job_id == young.job_id
        with pytest.raises(DomeError) as expired:
            await client.execute(*SHELL, idempotency_key="old")
        assert expired.value.reason == "IDEMPOTENT_RESULT_EXPIRED"
        assert expired.value.metadata["first_job"] == old.job_id
    assert gone.code == Exit.NOT_FOUND
    assert f"the oldest is {old.last_seq}, the latest {old.last_seq}" in gone.err
    last = home.dome("events", old.job_id, "--since-seq", str(old.last_seq - 1), "--json").documents()
    assert [each["seq"] for each in last] == [old.last_seq]
    assert "finished" in last[0]
    watch = home.dome("jobs", "--watch", "--since-revision", "1")
    assert watch.code == Exit.NOT_FOUND
    assert "the oldest is 3, the latest 6" in watch.err
