"""What the binder reads of facts, as flat values: attempts, wrappers, evidence, gate decisions, refusals, runs.

Moments are microseconds since 1970, codes and digests plain text, and what is absent an empty text. Decides nothing.
They are named tuples, because an append makes some for each of a hundred thousand facts, and these are made fastest.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from dome_contracts.canonical import PREFIX, digest_bytes

if TYPE_CHECKING:
    from dome_contracts.schema.shared.definitions import TaskKey

_KNOWN_MAX: Final = 4_096
NONE: Final = "NONE"
"""The code of what did not happen: no failure, no refusal."""

Order = tuple[int, str, bytes]
"""Where an attempt stands among others: end, job, and its digest, so that no two are equal."""


class TaskColumns(NamedTuple):
    """The key of a TaskSpec. Empty texts where it is not known."""

    scope: str
    target_kind: str
    target_id: str
    action_kind: str
    failure_reason_code: str
    """The failure that is addressed."""


UNKNOWN_TASK = TaskColumns("", "", "", "", "")


class Run(NamedTuple):
    """How a run began."""

    run_id: str
    occur_us: int
    fact_id: str
    mode: str


class Attempt(NamedTuple):
    """An attempt that ended, as the fact on it says."""

    act: bytes
    """Digest of run, task and group: what contributes once."""
    run_id: str
    task_id: str
    group_id: str
    number: int
    task: TaskColumns
    template_digest: str
    status: str
    failure: str
    policy: str
    fingerprint_hash: str
    job_id: str
    skill_id: str
    tool_version: str
    evidence_capsule: str
    end_us: int
    fact_id: str

    @property
    def order(self) -> Order:
        """Its place among all attempts."""
        return self.end_us, self.job_id, self.act


class Proof(NamedTuple):
    """A piece of evidence of an attempt."""

    digest: str
    location: str
    media_type: str = ""


class Wrapping(NamedTuple):
    """A wrapper: that, and why, an attempt is worth learning from."""

    act: bytes
    fact_id: str
    run_id: str
    task_id: str
    group_id: str
    signal: str
    mode: str
    is_triggered: bool
    """Whether a trigger made it, not somebody who chose."""
    task: TaskColumns
    failure: str
    policy: str
    wrap_us: int
    proofs: tuple[Proof, ...]


class Member(NamedTuple):
    """A piece of evidence that was copied, and the group it shows."""

    group_id: str
    proof: Proof


class GateVerdict(NamedTuple):
    """What a gate decided on an attempt."""

    fact_id: str
    act: bytes
    gate_id: str
    verdict: str
    failures: tuple[str, ...]
    occur_us: int


class GuardRefusal(NamedTuple):
    """That a guard refused a transition."""

    fact_id: str
    act: bytes
    run_id: str
    task_id: str
    group_id: str
    guard_id: str
    failure: str
    policy: str
    evaluate_us: int


Row = Run | Attempt | Wrapping | Member | GateVerdict | GuardRefusal


@lru_cache(maxsize=_KNOWN_MAX)
def act_of(run_id: str, task_id: str, group_id: str) -> bytes:
    """The digest of an attempt's key. None of the parts holds a line break."""
    return bytes.fromhex(digest_bytes(f"{run_id}\n{task_id}\n{group_id}".encode()).removeprefix(PREFIX))


def columns(task: "TaskKey") -> TaskColumns:
    """The key of a TaskSpec as columns."""
    return TaskColumns(
        str(task.scope), str(task.target.kind), task.target.id, str(task.action.kind), task.failure_reason_code
    )


def task_value(task: TaskColumns) -> dict[str, object]:
    """The key of a TaskSpec in the form of its contract."""
    return {
        "scope": task.scope,
        "target": {"kind": task.target_kind, "id": task.target_id},
        "action": {"kind": task.action_kind},
        "failure_reason_code": task.failure_reason_code,
    }
