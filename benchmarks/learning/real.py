"""The same question with real tools: one repository, one daemon, a test that fails for one of two reasons each time.

Every stage has a repository, a daemon and a state of its own, and meets the same failures in the same order. They take
turns, failure by failure, each time another one first. The attempts are those that the daemon executed, the time
that of `dome plan run`.
"""

import json
import random
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any, Final

from ci.demo import a_daemon, environment
from ci.demo_loop import ledger
from ci.demo_loop.person import Document, Person, tasks

STAGES: Final = ("shadow", "guided", "prescriptive")
"""`shadow` tries what a planner without a memory tries."""
_GOAL: Final = ("--goal", "Interest is rounded half to even.", "--allow", "src/**", "--json")
_RULE_SHARE: Final = 0.8
_RUN_ID: Final = "run-bench"


def measured(failures: int, *, seed: int) -> dict[str, Any]:
    """What each stage took for so many failures."""
    chance = random.Random(seed)
    causes = ["rule" if chance.random() < _RULE_SHARE else "table" for _ in range(failures)]
    ended: dict[str, list[tuple[int, bool, float]]] = {stage: [] for stage in STAGES}
    with ExitStack() as opened:
        people = {stage: opened.enter_context(_somebody(stage)) for stage in STAGES}
        for number, cause in enumerate(causes):
            first = number % len(STAGES)
            for stage in (*STAGES[first:], *STAGES[:first]):
                ended[stage].append(_one(people[stage], cause, number))
    return {"seed": seed, "causes": causes, "stages": {stage: _figures(ended[stage]) for stage in STAGES}}


def told(real: Mapping[str, Any]) -> str:
    """The figures for people."""
    lines = [f"{len(real['causes'])} failures of a real repository, real tools through the daemon ({real['causes']})"]
    for stage, found in real["stages"].items():
        attempts, seconds = found["attempts"], found["seconds"]
        lines.append(
            f"{stage:14}{sum(attempts):4} attempts {attempts}, {found['mended']} mended, {sum(seconds):.1f} s in all, "
            f"{median(seconds):.1f} s in the middle ({min(seconds):.1f} to {max(seconds):.1f})"
        )
    return "\n".join(lines)


def _figures(ended: Sequence[tuple[int, bool, float]]) -> dict[str, Any]:
    return {
        "attempts": [attempts for attempts, _, _ in ended],
        "mended": sum(held for _, held, _ in ended),
        "seconds": [round(seconds, 3) for _, _, seconds in ended],
    }


@contextmanager
def _somebody(stage: str) -> Iterator[Person]:
    """A person whose tool is approved and checked, and whose memory knows that the test fails."""
    # The path of a socket is short.
    with tempfile.TemporaryDirectory(prefix="dome-") as folder, a_daemon(environment(Path(folder))) as environ:
        root = Path(folder, "ledger")
        root.mkdir()
        ledger.write(root)
        _staged(root, stage)
        person = Person(root, environ)
        found = {each["tool_id"]: each["tool_digest"] for each in person.asks("tools", "--json").documents}
        person.asks("tools", "trust", ledger.TOOL, "--digest", found[ledger.TOOL], "--yes")
        person.asks("standard", "check", ledger.TOOL, "--directory", ".")
        ledger.break_rule(root)
        _carried_out(person, "seen", codes=(1,))
        yield person


def _staged(root: Path, stage: str) -> None:
    path = root / ".dome/binder_policy.yaml"
    policy = json.loads(path.read_text())
    policy["rollout"]["stage"] = stage
    path.write_text(json.dumps(policy))


def _one(person: Person, cause: str, number: int) -> tuple[int, bool, float]:
    """One failure: the attempts at mending it, whether that held, and how long the run took."""
    root = person.directory
    ledger.break_rule(root)
    if cause == "table":
        wrong = (root / "src/interest.py").read_text()
        (root / "src/interest.py").write_text(wrong.replace(ledger.WRONG, ledger.RIGHT))
        ledger.break_table(root)
    return _carried_out(person, str(number), codes=(0, 1))


def _carried_out(person: Person, name: str, *, codes: Sequence[int]) -> tuple[int, bool, float]:
    plan = person.asks("plan", "new", *_GOAL).document
    path = person.directory.parent / "plan.json"
    path.write_text(json.dumps(plan))
    began_s = time.perf_counter()
    ended = person.asks("plan", "run", str(path), "--run-id", f"{_RUN_ID}-{name}", "--json", codes=codes)
    return _attempts(plan, ended.document), ended.code == 0, time.perf_counter() - began_s


def _attempts(plan: Document, ended: Document) -> int:
    entries = ended["queue"]["entries"]
    return sum(len(entries[name]["attempts"]) for name, task in tasks(plan) if task["layer"] == "transform")
