"""A user with a repository whose plans are carried out, and witnesses of what was executed."""

import json
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dome_spec.binding import Memory, default_policy, open_memory
from dome_spec.kernel import Ids, InfraContext, SystemClock, resolve_infra
from dome_spec.planning import default_strategies
from tests.e2e.dome_home import Home, a_home
from tests.planned import Planned, Wish, planned

TIMEOUT_S = 40.0


@contextmanager
def a_repository() -> Iterator[Home]:
    """A user in a repository of git without a commit."""
    with a_home() as home:
        subprocess.run(["git", "init", "--quiet", "--initial-branch=main", "."], cwd=home.work, check=True)
        yield home


def infra_of(home: Home) -> InfraContext:
    return resolve_infra(home.work, home.environ())


def repository_id(home: Home) -> str:
    minted = infra_of(home).mint(Ids(SystemClock()))
    assert minted.repository_id is not None
    return minted.repository_id


@contextmanager
def memory_of(home: Home) -> Iterator[Memory]:
    memory = open_memory(infra_of(home).memory_path, default_policy())
    try:
        yield memory
    finally:
        memory.close()


def witness(home: Home) -> list[str]:
    """The task of every execution, in the order in which they began."""
    return [line.split()[0] for line in _witnessed(home)]


def executions(home: Home) -> Counter[str]:
    """How often each job was executed."""
    return Counter(line.split()[1] for line in _witnessed(home))


def _witnessed(home: Home) -> list[str]:
    path = home.root / "witness"
    return path.read_text().splitlines() if path.exists() else []


def work(home: Home, name: str, script: str = "true", **more: Any) -> Wish:
    """A task that bears witness of its execution, and then does what the script says."""
    argv = ["/bin/sh", "-c", f'echo {name} $DOME_JOB_ID >> "{home.root}/witness"; {script}']
    return Wish(skill_id="process.run", input={"argv": argv}, **more)


def gated(home: Home) -> str:
    """A script that goes on when the test opens the gate."""
    return f'while [ ! -e "{home.root}/gate" ]; do sleep 0.05; done'


def open_gate(home: Home) -> None:
    (home.root / "gate").touch()


def write(home: Home, wishes: Mapping[str, Wish], **budgets: Any) -> tuple[Planned, Path]:
    given = planned(wishes, repository_id=repository_id(home), **budgets)
    path = home.root / "plan.json"
    path.write_text(json.dumps(given.plan.to_value()))
    return given, path


def strategies(home: Home, **retry: Any) -> Path:
    """The shipped strategies, but for this of their retries."""
    document = default_strategies().to_value()
    document["retry"] |= retry
    path = home.root / "strategies.json"
    path.write_text(json.dumps(document))
    return path


def shown(home: Home, run_id: str = "run-1") -> dict[str, Any]:
    """The run as `dome plan status` has it."""
    done = home.dome("plan", "status", run_id, "--json")
    assert done.code == 0, done.err
    (document,) = done.documents()
    return document


def entries(document: Mapping[str, Any], given: Planned) -> Mapping[str, Any]:
    """The entries of the queue by the names of the tasks."""
    return {given.names[task_id]: entry for task_id, entry in document["queue"]["entries"].items()}


def until(holds: Callable[[], object]) -> None:
    """Return when it holds."""
    end_s = time.monotonic() + TIMEOUT_S
    while not holds():
        assert time.monotonic() < end_s, "it never held"
        time.sleep(0.02)
