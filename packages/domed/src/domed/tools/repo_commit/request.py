"""The input as values: what to commit, where, and what the caller saw there. Reads nothing but the input."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from dome_contracts.tool import ToolFailure

PATHS_BYTES_MAX: Final = 2 * 1024 * 1024
"""Most bytes of all paths together: the result repeats them."""
NOT_IN_WITNESS: Final = frozenset({"witness", "probe_time"})
# What the family of commit targets can hold; an odd name that is staged is none of its paths.
_TELLABLE: Final = re.compile(r"[^\\\0]{1,1024}")

Policy = Literal["skip", "run"]
Signing = Literal["refuse", "skip"]


@dataclass(frozen=True, slots=True)
class Person:
    """Who wrote or made a commit."""

    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitTarget:
    """A working tree, the reference that a commit in it moves, and what a probe saw."""

    worktree_root: bytes
    git_common_dir: bytes
    destination_ref: str
    head: str
    protection: Literal["open", "protected"]
    capability: Literal["standard", "integration", "operator"]
    staged_paths: frozenset[bytes] | None
    """None: the caller does not say."""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "CommitTarget":
        """The target of a document. Raises ToolFailure where it was altered after its witness was computed."""
        if "witness" in document and document["witness"] != witness(document):
            raise ToolFailure(
                "COMMIT.TARGET_ALTERED", "The target is not the one that its witness was computed over. Probe again."
            )
        staged = document.get("staged_paths")
        return cls(
            worktree_root=_bytes(document["worktree_root"]),
            git_common_dir=_bytes(document["git_common_dir"]),
            destination_ref=document["destination_ref"],
            head=document["head"],
            protection=document["protection"],
            capability=document.get("capability", "standard"),
            staged_paths=None if staged is None else frozenset(map(_bytes, staged)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One commit that somebody wants."""

    target: CommitTarget
    operation_id: str
    subject: str
    body: str
    paths: tuple[bytes, ...]
    author: Person | None
    committer: Person | None
    hooks: Policy
    signing: Signing

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Request":
        """The request of an input. Raises ToolFailure."""
        paths = tuple(_bytes(path) for path in document["paths"])
        if sum(map(len, paths)) > PATHS_BYTES_MAX:
            raise ToolFailure("TOOL.FAILED", f"The paths have more than {PATHS_BYTES_MAX} bytes. Make several commits.")
        return cls(
            target=CommitTarget.of(document["target"]),
            operation_id=document["operation_id"],
            subject=document["message"]["subject"],
            body=document["message"].get("body", ""),
            paths=paths,
            author=_person(document.get("author")),
            committer=_person(document.get("committer")),
            hooks=document.get("hooks", "skip"),
            signing=document.get("signing", "refuse"),
        )


def witness(document: Mapping[str, Any]) -> str:
    """Digest of the canonical bytes of a target without witness and time. Its values are text and lists of text."""
    seen = {name: value for name, value in document.items() if name not in NOT_IN_WITNESS}
    canonical = json.dumps(seen, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def tellable(path: bytes) -> bool:
    """Whether a commit target can name the path: UTF-8, no backslash, not too long."""
    try:
        return _TELLABLE.fullmatch(path.decode("utf-8")) is not None
    except UnicodeDecodeError:
        return False


def _person(document: Mapping[str, str] | None) -> Person | None:
    return None if document is None else Person(document["name"], document["email"])


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
