"""Many processes, one key each time: one request wins, it is one job and one execution, and all others hear of it."""

import asyncio
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

from dome_contracts.runtime.v1 import JobState
from tests.e2e.calls import seen, status
from tests.e2e.daemon_process import a_place

ROOT = Path(__file__).parents[2]
KEYS = 10


async def test_of_many_processes_with_one_key_one_request_wins_and_runs_once() -> None:
    variants = ["one", "two"]
    with a_place() as place:
        place.configure("[jobs]\nparallel_max = 8\n")
        daemon = place.ready()
        command = [sys.executable, "-m", "tests.e2e.key_racer", str(place.socket), str(place.work)]
        racers = [
            subprocess.Popen(  # noqa: ASYNC220 - they only start here
                [*command, variant, str(KEYS)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            for variant in variants
        ]
        said = await asyncio.gather(*(asyncio.to_thread(racer.communicate, "go\n", 60) for racer in racers))
        assert [racer.returncode for racer in racers] == [0] * len(racers)
        jobs: dict[str, set[tuple[str, str]]] = defaultdict(set)
        losers: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for variant, (out, _) in zip(variants, said, strict=True):
            for key, answer in map(str.split, out.splitlines()):
                (jobs if answer.startswith("job-") else losers)[key].add((variant, answer))
        assert len(jobs) == KEYS
        async with daemon.channel() as channel:
            for key, won in jobs.items():
                [(winner, job_id)] = won
                lost = {variant for variant in variants if variant != winner}
                assert losers[key] == {(variant, "IDEMPOTENCY_KEY_REUSED") for variant in lost}
                assert (await seen(channel, job_id)).ended
                assert (await status(channel, job_id)).state is JobState.SUCCEEDED
        ran = Counter((place.work / "witness").read_text().split())
        assert ran == {f"{key}:{next(iter(won))[0]}": 1 for key, won in jobs.items()}
        code, log = daemon.stop()
        assert (code, "Traceback" in log) == (0, False), log
