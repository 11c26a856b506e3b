"""Refusals with real processes: seen from another shell, durable when they are answered, never filling the disk."""

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from dome_client.client import Client
from dome_client.connection import connect
from dome_client.errors import DomeError
from tests.e2e.dome_home import Home, a_home

FLOOD = 1000


@pytest.fixture
def home() -> Iterator[Home]:
    with a_home() as made:
        yield made


async def refuse(client: Client, skill_id: str) -> str:
    with pytest.raises(DomeError) as refused:
        await client.execute(skill_id)
    return refused.value.reason


def test_a_refusal_is_listed_with_its_reason_and_whose_it_was(home: Home) -> None:
    assert home.dome("run", "no.such").code != 0
    job = home.dome("run", "process.run", "--json", "--", "true").documents()[0]["job_id"]
    listed = home.dome("jobs", "--refused", "--json").documents()
    assert listed[0]["job_id"] == job
    [refusal] = [each for each in listed if each.get("method") == "SkillExecute"]
    assert (refusal["skill_id"], refusal["reason"]) == ("no.such", "ERROR_REASON_SKILL_NOT_FOUND")
    assert refusal["requester"].get("uid", 0) == os.getuid()
    assert "no.such: SKILL_NOT_FOUND" in home.dome("jobs", "--refused").out.decode()


async def test_a_refusal_that_was_answered_survives_the_death_of_the_daemon(home: Home) -> None:
    for number in range(5):
        async with connect(environ=home.environ()) as client:
            assert await refuse(client, f"no.such{number}") == "SKILL_NOT_FOUND"
        [daemon] = home.daemons()
        os.kill(daemon, signal.SIGKILL)
    async with connect(environ=home.environ()) as client:
        listing = await client.listing(include_refused=True)
    assert [each.skill_id for each in listing.refused] == [f"no.such{number}" for number in reversed(range(5))]


async def test_a_flood_of_refusals_is_answered_counted_and_takes_little_space(home: Home) -> None:
    async with connect(environ=home.environ()) as client:
        for _ in range(FLOOD // 50):
            await asyncio.gather(*(refuse(client, "no.such") for _ in range(50)))
        listing = await client.listing(include_refused=True, limit=10_000)
    assert len(listing.refused) + sum(each.omitted_count for each in listing.refused) == FLOOD
    assert len(listing.refused) < FLOOD
    size = sum(path.stat().st_size for path in home.state.glob("domed.sqlite*"))
    assert size < 20 * 1024 * 1024
