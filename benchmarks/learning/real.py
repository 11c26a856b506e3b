"""The same question with real tools: seeded repositories, a daemon for each contender, a test that fails in two ways.

Every contender has a repository, a daemon and a state of its own, and meets the same failures in the same order. They
take turns, failure by failure, each time another one first. The attempts are those that the daemon executed, the time
that of `dome plan run`. What a null tries is the order of the answers that it writes down as control strategies, so
that all have the same planner and the same gates; `never` also has its memory taken away before each failure.
"""

import json
import random
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from ci.demo import a_daemon, environment
from ci.demo_loop import ledger
from ci.demo_loop.person import Document, Person, skill, tasks

STAGES: Final = ("shadow", "guided", "prescriptive")
NULLS: Final = ("never", "random", "always-retry")
CONTENDERS: Final = (*NULLS, *STAGES)
"""The first is what the others are compared with."""
_SHADOW: Final = "shadow"
_GOAL: Final = ("--goal", "Interest is rounded half to even.", "--allow", "src/**", "--json")
_RULE_SHARE: Final = 0.8
_SUPPORT: Final = {"minimum_count": 1}
_PRESCRIPTIVE_MIN: Final = 0.2
"""What one success out of one comes to: there are few failures here, and all of them are to show something."""
_AGAIN: Final = 2
"""How many times what held last is tried: as many as there are answers."""


@dataclass(frozen=True, slots=True)
class Mended:
    """How one failure went."""

    answers: tuple[str, ...]
    """The skills that were tried, in their order."""
    is_held: bool
    seconds: float


def measured(failures: int, *, seeds: Sequence[int], contenders: Sequence[str] = CONTENDERS) -> dict[str, Any]:
    """What each contender took for so many failures of each of the repositories."""
    worlds = [_world(seed, failures, contenders) for seed in seeds]
    return {"seeds": list(seeds), "failures": failures, "worlds": worlds, "figures": _figures(worlds, contenders)}


def told(real: Mapping[str, Any]) -> str:
    """The figures for people."""
    head = f"{len(real['seeds'])} repositories of {real['failures']} failures, real tools through the daemon"
    return "\n".join([head, *(f"{name:14}{', '.join(_cells(each))}" for name, each in real["figures"].items())])


def rows(real: Mapping[str, Any]) -> list[str]:
    """The figures as rows of a table of Markdown."""
    return [f"| {name} | {' | '.join(_cells(each))} |" for name, each in real["figures"].items()]


def same_selection(real: Mapping[str, Any]) -> bool:
    """Whether the shadow stage tried the same as the null, failure by failure, in every repository."""
    tried = [
        {name: [each["answers"] for each in ended] for name, ended in one["ended"].items()} for one in real["worlds"]
    ]
    return all(each["never"] == each["shadow"] for each in tried if {"never", "shadow"} <= each.keys())


def causes_of(seed: int, failures: int) -> list[str]:
    """Why the test fails each time: mostly for the one reason."""
    chance = random.Random(seed)
    return ["rule" if chance.random() < _RULE_SHARE else "table" for _ in range(failures)]


def _world(seed: int, failures: int, contenders: Sequence[str]) -> dict[str, Any]:
    causes, count = causes_of(seed, failures), len(contenders)
    ended: dict[str, list[Mended]] = {name: [] for name in contenders}
    with ExitStack() as opened:
        people = {name: opened.enter_context(_somebody(name)) for name in contenders}
        for number, cause in enumerate(causes):
            first = number % count
            for name in (*contenders[first:], *contenders[:first]):
                _prepare(people[name], name, ended[name], chance=f"{seed} {number}")
                _break(people[name].directory, cause)
                rounds = _AGAIN if name == "always-retry" else 1
                ended[name].append(_mended(people[name], str(number), rounds=rounds))
    return {"seed": seed, "causes": causes, "ended": {name: [asdict(each) for each in ended[name]] for name in ended}}


def _cells(figures: Mapping[str, Any]) -> tuple[str, ...]:
    saved = "" if figures["attempts_saved"] is None else f"{figures['attempts_saved']:.0%}".replace("%", " %")
    middle, lowest, highest = (figures["seconds"][each] for each in ("median", "lowest", "highest"))
    return (
        f"{figures['attempts']}",
        saved,
        f"{figures['mended']} of {figures['failures']}",
        f"{figures['seconds']['sum']:.1f} s",
        f"{middle:.1f} s ({lowest:.1f} to {highest:.1f})",
    )


def _figures(worlds: Sequence[Mapping[str, Any]], contenders: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in contenders:
        ended = [each for world in worlds for each in world["ended"][name]]
        seconds = [each["seconds"] for each in ended]
        found[name] = {
            "failures": len(ended),
            "attempts": sum(len(each["answers"]) for each in ended),
            "mended": sum(each["is_held"] for each in ended),
            "seconds": {
                "sum": round(sum(seconds), 3),
                "median": median(seconds),
                "lowest": min(seconds),
                "highest": max(seconds),
            },
        }
    null = found[contenders[0]]["attempts"]
    for name, each in found.items():
        each["attempts_saved"] = None if name == contenders[0] else round(1 - each["attempts"] / null, 6)
    return found


@contextmanager
def _somebody(name: str) -> Iterator[Person]:
    """A person whose tool is approved and checked, and whose memory knows that the test fails."""
    # The path of a socket is short.
    with tempfile.TemporaryDirectory(prefix="dome-") as folder, a_daemon(environment(Path(folder))) as environ:
        root = Path(folder, "ledger")
        root.mkdir()
        ledger.write(root)
        _staged(root, name if name in STAGES else _SHADOW)
        person = Person(root, environ)
        found = {each["tool_id"]: each["tool_digest"] for each in person.asks("tools", "--json").documents}
        person.asks("tools", "trust", ledger.TOOL, "--digest", found[ledger.TOOL], "--yes")
        if name == "prescriptive":
            # Nobody else asks whether the tool conforms.
            person.asks("standard", "check", ledger.TOOL, "--directory", ".")
        _see(person, "seen")
        yield person


def _see(person: Person, name: str) -> None:
    """Have the failure seen: a plan that knows of none only looks."""
    ledger.break_rule(person.directory)
    _carried_out(person, name, codes=(1,))


def _staged(root: Path, stage: str) -> None:
    path = root / ".dome/binder_policy.yaml"
    policy = json.loads(path.read_text())
    policy["rollout"]["stage"] = stage
    policy["support"] = _SUPPORT
    policy["confidence"]["prescriptive_min"] = _PRESCRIPTIVE_MIN
    path.write_text(json.dumps(policy))


def _prepare(person: Person, name: str, ended: Sequence[Mended], *, chance: str) -> None:
    """What a null does before a failure: it forgets, it shuffles, or it takes what held last."""
    match name:
        case "never" if ended:
            for path in Path(person.environ["XDG_STATE_HOME"]).rglob("memory.sqlite*"):
                path.unlink()
            _see(person, f"seen-{len(ended)}")
        case "random":
            _answered(person.directory, lambda answers: random.Random(chance).sample(answers, len(answers)))
        case "always-retry":
            held = [each.answers[-1] for each in ended if each.is_held]
            _answered(person.directory, lambda answers: [_again(answers, held[-1:])])


def _answered(root: Path, order: Any) -> None:
    path = root / ".dome/control_strategies.yaml"
    strategies = json.loads(ledger.strategies_text())
    strategies["responses"]["TESTS.FAILED"] = order(strategies["responses"]["TESTS.FAILED"])
    path.write_text(json.dumps(strategies))


def _again(answers: Sequence[dict[str, Any]], held: Sequence[str]) -> dict[str, Any]:
    chosen = next((each for each in answers if each["skill"]["skill_id"] in held), answers[0])
    return dict(chosen)


def _mended(person: Person, name: str, *, rounds: int) -> Mended:
    """One failure: the attempts at mending it, whether that held, and how long it took; so often, or until it holds."""
    found = _carried_out(person, name, codes=(0, 1))
    if found.is_held or rounds == 1:
        return found
    more = _mended(person, f"{name}-again", rounds=rounds - 1)
    return Mended(found.answers + more.answers, more.is_held, round(found.seconds + more.seconds, 3))


def _break(root: Path, cause: str) -> None:
    """Have the test fail for one of its reasons."""
    ledger.break_rule(root)
    (root / "src/rates.py").write_text(ledger.FILES["src/rates.py"])
    if cause == "table":
        wrong = (root / "src/interest.py").read_text()
        (root / "src/interest.py").write_text(wrong.replace(ledger.WRONG, ledger.RIGHT))
        ledger.break_table(root)


def _carried_out(person: Person, name: str, *, codes: Sequence[int]) -> Mended:
    plan = person.asks("plan", "new", *_GOAL).document
    path = person.directory.parent / "plan.json"
    path.write_text(json.dumps(plan))
    began_s = time.perf_counter()
    ended = person.asks("plan", "run", str(path), "--run-id", f"run-bench-{name}", "--json", codes=codes)
    return Mended(_attempted(plan, ended.document), ended.code == 0, round(time.perf_counter() - began_s, 3))


def _attempted(plan: Document, ended: Document) -> tuple[str, ...]:
    entries = ended["queue"]["entries"]
    return tuple(
        skill(task) for name, task in tasks(plan) if task["layer"] == "transform" for _ in entries[name]["attempts"]
    )
