"""A client in a process of its own: for each line on standard input it runs `cat FILE` as a job and follows it.

Arguments: the daemon's socket, the file. Prints the job's id when it was submitted, then `complete` or what was wrong.
"""

import asyncio
import os
import sys
from pathlib import Path

from benchmarks import work
from dome_client import Client, connect


async def main(socket: str, path: Path, whole: bytes) -> None:
    """Serve until standard input ends. `whole` is what the file holds."""
    async with connect(f"unix:{socket}", environ=os.environ) as client:
        while await asyncio.to_thread(sys.stdin.readline):
            await _one(client, path, whole)


async def _one(client: Client, path: Path, whole: bytes) -> None:
    job_id = await work.submit(client, ("/bin/cat", str(path)))
    print(job_id, flush=True)
    followed = await work.follow(client, job_id)
    same = b"".join(followed.pages) == whole
    print("complete" if same and followed.in_order else f"whole: {same}, in order: {followed.in_order}", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[2]).read_bytes()))
