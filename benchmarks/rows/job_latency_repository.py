"""Row `job-latency-repository`: what the record of a large repository adds to a job."""

from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks import work
from benchmarks.daemon import a_home, serving
from benchmarks.figures import Contender, Role
from benchmarks.harness import Turn, in_turns
from benchmarks.row import DURABLE, Part, Row, Setting
from benchmarks.rows.job_latency import one_by_one
from benchmarks.spawn import Programs
from benchmarks.tools import approve, write_tools

FILES: Final = 10_000
FILES_IN_A_FOLDER: Final = 100
INSIDE: Final = Contender("dome, inside", Role.DOME, f"{DURABLE}; commit and state of the tree recorded")
OUTSIDE: Final = Contender("dome, outside", Role.LIMIT, DURABLE)


async def make_repository(folder: Path, *, files: int) -> None:
    """A repository with so many committed files."""
    for number in range(files):
        path = folder / f"part{number // FILES_IN_A_FOLDER:04d}" / f"file{number:06d}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"content of {number}\n", encoding="ascii")
    environ = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    git = partial(Programs(environ).output, "git", "-C", str(folder))
    author = ("-c", "user.name=Benchmark", "-c", "user.email=benchmark@example.invalid")
    await git("init", "--quiet")
    await git("add", "--all")
    await git(*author, "commit", "--quiet", "--message", "Files", "--no-gpg-sign")


async def _measure(setting: Setting) -> tuple[Part, ...]:
    files = setting.many(FILES, quick=1000)
    inside, outside = setting.folder / "repository", setting.folder / "outside"
    outside.mkdir()
    await make_repository(inside, files=files)
    async with AsyncExitStack() as stack:
        home = stack.enter_context(a_home(setting.folder / "daemon"))
        (tool_id,) = write_tools(home.tools, 1)
        await approve(home)
        daemon = stack.enter_context(serving(home))
        client = await stack.enter_async_context(daemon.client())
        turns = [
            Turn(
                contender,
                partial(
                    one_by_one,
                    partial(work.run_tool, client, tool_id, working_directory=str(place)),
                    count=setting.many(100, quick=10),
                ),
            )
            for contender, place in ((INSIDE, inside), (OUTSIDE, outside))
        ]
        series = await in_turns(turns, rounds=setting.rounds)
        return (Part(series=series, size=files),)


ROW: Final = Row(
    name="job-latency-repository",
    work="A tool that is /bin/true, inside a git repository whose state is recorded with each job, one after another.",
    aim="<= 1.3x of the job outside a repository, amortised, at 10,000 files",
    measure=_measure,
    size="files",
)
