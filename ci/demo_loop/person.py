"""The person of the demonstration: who types commands in a repository, and reads what they answer."""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ci.demo import DOME
from ci.demo_loop.telling import ClaimFalse, typed

TIMEOUT_S: Final = 120
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """How a command ended, and what it answered."""

    code: int
    out: str
    err: str

    @property
    def documents(self) -> list[Document]:
        """What it answered, for programs."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def document(self) -> Document:
        """The last of its documents."""
        return self.documents[-1]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a directory."""

    directory: Path
    environ: Mapping[str, str]

    def types(self, *words: str, in_words: str = "", codes: Sequence[int] = (0,)) -> Answer:
        """Type a command, and see it. Raises ClaimFalse where it ends with another code than may be."""
        typed([_short(word) for word in words], in_words=in_words)
        return self.asks(*words, codes=codes)

    def asks(self, *words: str, codes: Sequence[int] = (0,)) -> Answer:
        """The same, without a word about it."""
        done = subprocess.run(
            [str(DOME), *words],
            cwd=self.directory,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        if done.returncode not in codes:
            said = f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
            raise ClaimFalse(f"`dome {' '.join(words)}` ends with {done.returncode}, not with one of {codes}:\n{said}")
        return Answer(done.returncode, done.stdout, done.stderr)


def tasks(plan: Document) -> Iterator[tuple[str, Document]]:
    """The tasks of a plan in the order of its waves."""
    for wave in plan["waves"]:
        for task_id in wave:
            yield task_id, plan["tasks"][task_id]


def skill(task: Document) -> str:
    """The skill that a task uses."""
    return str(task["spec"]["requires"]["skill"]["skill_id"])


def lines(plan: Document) -> list[str]:
    """The tasks of a plan in a line each."""
    return [f"{task['layer']}: {task['spec']['action']['kind']} with {skill(task)}" for _, task in tasks(plan)]


def _short(word: str) -> str:
    """A word as it is shown: long ones with their end left out."""
    return word if len(word) <= 90 else f"{word[:80]}..."
