"""One commit from input to result: look again, make tree and commit, move the reference, let the index follow.

The move of the reference is the commit point. Before it nothing is visible but objects that nobody names; after it the
commit is whole, and a later call for the same operation finds it by its trailer.
"""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Final

from dome_contracts.tool import Session, ToolFailure
from domed.tools.repo_commit import content, hooks, identity, index_lock, message, next_index, place
from domed.tools.repo_commit.listing import Listing, changes, staged
from domed.tools.repo_commit.place import Place
from domed.tools.repo_commit.receipt import Receipt, receipt
from domed.tools.repo_commit.request import Request, tellable

STEPS: Final = 3


def commit(dome: Session, environ: Mapping[str, str]) -> None:
    """Commit what the session's input names, and give the result. Raises ToolFailure."""
    request = Request.of(dome.input)
    where = place.find(request.target, environ)
    dome.progress("working tree found", done=0, total=STEPS, unit="steps")
    try:
        with index_lock.held(where.index, request.operation_id) as abandoned:
            if abandoned is not None:
                _settle(where, abandoned, environ)
            known = _made_before(where, request)
            made = known or _made(dome, where, request, environ)
    except ToolFailure as failure:
        # Whoever holds the lock does not make a commit undone that is there already.
        known = _made_before(where, request) if failure.reason == "COMMIT.INDEX_LOCKED" else None
        if known is None:
            raise
        made = known
    except OSError as error:
        raise ToolFailure("TOOL.FAILED", f"The repository cannot be written: {error}") from error
    print(f"[{request.target.destination_ref.removeprefix('refs/heads/')} {made.commit[:12]}] {request.subject}")
    dome.result(made.value(was_already_committed=known is not None))
    if request.hooks == "run" and known is None:
        _tell_hook(where)


def _made_before(where: Place, request: Request) -> Receipt | None:
    """The commit of the operation if it is on the branch. Raises ToolFailure where it has nothing of this request."""
    tip = where.tip(request.target.destination_ref)
    found = where.made_by(request.operation_id, tip)
    if found is None:
        return None
    made = receipt(
        where, request, commit=found, parent=where.parent_of(found), staged=staged(where.git, where.tree_of(tip))
    )
    if all(path.change == "unchanged" for path in made.paths):
        problem = f"{found} was made by {request.operation_id} and changes none of the named paths."
        raise ToolFailure("COMMIT.OPERATION_REUSED", f"{problem} Use an operation id of its own for each commit.")
    return made


def _made(dome: Session, where: Place, request: Request, environ: Mapping[str, str]) -> Receipt:
    """Make the commit."""
    place.check(where, request.target)
    text = message.compose(request.subject, request.body, request.operation_id)
    indexed, in_index = Listing.of(where.git), staged(where.git, where.tree_of(request.target.head))
    _check_staged(request, in_index)
    people = identity.environment(where, request)
    with _scratch(environ) as folder:
        scratch = os.fsencode(folder)
        taken = content.take(where, request, scratch, indexed=indexed)
        dome.progress("content stored", done=1, total=STEPS, unit="steps")
        if request.hooks == "run":
            text = _through_hooks(where, request, text, scratch, index=taken.index)
        commit_id = _store(where, request, tree=taken.tree, text=text, people=people)
        follow = next_index.following(taken.changes, indexed=indexed, staged=in_index)
        try:
            ready = next_index.prepare(where, follow, scratch)
            left = staged(where.git, taken.tree, ready)
            made = receipt(where, request, commit=commit_id, parent=request.target.head, staged=left)
            dome.progress("commit stored", done=2, total=STEPS, unit="steps")
            with _undisturbed():
                _move(where, request, commit_id, people)
                next_index.put(where, ready)
        finally:
            next_index.drop(where)
    dome.progress("branch moved", done=3, total=STEPS, unit="steps")
    return made


def _scratch(environ: Mapping[str, str]) -> "TemporaryDirectory[str]":
    return TemporaryDirectory(prefix="dome-commit-", dir=environ.get("DOME_SCRATCH"), ignore_cleanup_errors=True)


def _settle(where: Place, operation_id: str, environ: Mapping[str, str]) -> None:
    """Let the index follow a commit whose maker died between the move of the reference and this step."""
    next_index.drop(where)
    head = where.git.ask("symbolic-ref", "-q", "HEAD").line.decode()
    tip = where.tip(head) if head else where.none
    if tip == where.none or where.made_by(operation_id, tip) != tip:
        return
    before = where.tree_of(where.parent_of(tip))
    indexed, in_index = Listing.of(where.git), staged(where.git, before)
    follow = next_index.following(changes(where.git, before, where.tree_of(tip)), indexed=indexed, staged=in_index)
    with _scratch(environ) as folder:
        next_index.put(where, next_index.prepare(where, follow, os.fsencode(folder)))


def _check_staged(request: Request, in_index: frozenset[bytes]) -> None:
    seen = request.target.staged_paths
    if seen is not None and seen != {path for path in in_index if tellable(path)}:
        problem = "What is staged in the working tree is not what was staged when it was probed."
        raise ToolFailure("COMMIT.STAGING_CHANGED", f"{problem} Look who works there, then probe again.")


def _through_hooks(where: Place, request: Request, text: bytes, scratch: bytes, *, index: bytes) -> bytes:
    """The message as the hooks leave it."""
    path = os.path.join(scratch, b"COMMIT_EDITMSG")
    with open(path, "wb") as file:
        file.write(text)
    hooks.run(where, "prepare-commit-msg", (path, b"message"), index=index)
    hooks.run(where, "commit-msg", (path,), index=index)
    with open(path, "rb") as file:
        left = file.read()
    if not message.names_operation(left, request.operation_id):
        problem = f"A hook took the trailer {message.TRAILER} out of the message"
        raise ToolFailure("COMMIT.HOOK_REFUSED", f"{problem}, by which the commit is found again. Mend the hook.")
    return left


def _store(where: Place, request: Request, *, tree: str, text: bytes, people: Mapping[str, str]) -> str:
    parents = [] if request.target.head == where.none else ["-p", request.target.head]
    return where.git.must("commit-tree", tree, *parents, "-F", "-", stdin=text, more=people).line.decode()


def _move(where: Place, request: Request, commit_id: str, people: Mapping[str, str]) -> None:
    """The commit point: the reference names the commit if, and only if, it named what was probed."""
    ref, head = request.target.destination_ref, request.target.head
    note = f"commit (repo.commit): {request.subject}"
    answer = where.git.ask(
        "update-ref", "--create-reflog", "-m", note, ref, commit_id, head, more=people,
        with_hooks=request.hooks == "run",
    )  # fmt: skip
    # What the reference names decides where git was disturbed.
    if answer.exit_code == 0 or where.tip(ref) == commit_id:
        return
    place.check_head(where, request.target)
    if "by hook" in answer.said:
        raise ToolFailure("COMMIT.HOOK_REFUSED", f"The hook reference-transaction refused: {answer.said}")
    if "File exists" in answer.said:
        raise ToolFailure("COMMIT.REF_LOCKED", f"The reference cannot be moved: {answer.said}")
    raise ToolFailure("TOOL.FAILED", f"`git update-ref` failed: {answer.said}")


@contextmanager
def _undisturbed() -> Iterator[None]:
    """No polite signal ends this program or git within the last step, nor afterwards: what was committed is told."""
    polite = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, polite)
    try:
        yield
        for number in polite:
            signal.signal(number, lambda _number, _frame: None)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, polite)


def _tell_hook(where: Place) -> None:
    """The hook after the fact. What it says changes nothing, as with `git commit`."""
    try:
        hooks.run(where, "post-commit", (), index=where.index)
    except (ToolFailure, OSError) as failure:
        os.write(2, f"{failure}\n".encode())
