"""One of several processes that ask for the same keys at the same time, each in words of its own or in the same.

Usage: python -m tests.e2e.key_racer SOCKET WORK VARIANT KEYS. Waits for a line, then asks for all keys at once, and
prints for each `KEY JOB_ID` or `KEY REASON`.
"""

import asyncio
import sys

from grpclib.client import Channel
from grpclib.exceptions import GRPCError

from tests.e2e.calls import execute
from tests.e2e.daemon_process import Details, reason


async def ask(channel: Channel, key: str, *, variant: str, work: str) -> None:
    try:
        job = await execute(
            channel, "sh", "-c", 'echo "$0" >> witness', f"{key}:{variant}", key=key, working_directory=work
        )
    except GRPCError as error:
        print(key, reason(error.details))
    else:
        print(key, job.job_id)


async def main(socket: str, work: str, variant: str, count: int) -> None:
    async with Channel(path=socket, status_details_codec=Details()) as channel:
        await channel.__connect__()
        await asyncio.to_thread(sys.stdin.readline)
        await asyncio.gather(*(ask(channel, f"key-{n}", variant=variant, work=work) for n in range(count)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
