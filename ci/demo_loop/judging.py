"""The second half of the demonstration: what gates say of the runs, and that a promotion is recorded."""

import subprocess

from ci.demo_loop.learning import Learning
from ci.demo_loop.person import Document
from ci.demo_loop.telling import chapter, claim, tell

_REJECTED = 1
_COMMIT = ("-c", "user.name=A person", "-c", "user.email=person@example.org", "commit", "--quiet", "-am", "Round right")


def judge(learning: Learning) -> None:
    """Ask the gates about a run that failed and one that mended, and decide on the promotion. Raises ClaimFalse."""
    chapter("Gates: what failed is rejected, what was mended is approved, each with its reasons")
    person, runs = learning.person, learning.runs
    failed = person.types("gate", "eval", runs["failed"], "--all", "--json", codes=(_REJECTED,)).documents
    rejecting = {str(each["gate_id"]) for each in failed if each["verdict"] == "REJECT"}
    claim("the gate of the tests says REJECT of the first run", holds=rejecting == {"tests"}, found=failed)
    reasons = {str(code) for each in failed for code in each["failure_reason_codes"]}
    claim("its reason is the failure that was observed", holds=reasons == {"TESTS.FAILED"}, found=reasons)
    mended = person.types("gate", "eval", runs["contradicted"], "--json").documents
    claim("the gate says APPROVE of the last run", holds=_verdicts(mended) == {"APPROVE"}, found=mended)
    again = person.asks("gate", "eval", runs["contradicted"], "--json").documents
    claim("asked once more, it gives the same bytes", holds=_digests(again) == _digests(mended), found=again)
    subprocess.run(["git", *_COMMIT], cwd=person.directory, check=True, timeout=60)
    words = ("promote", runs["contradicted"], "--commit", "HEAD", "--to", "refs/heads/main", "--json")
    promoted = person.types(*words).document
    tell(f"It rests on {len(promoted['gate_decisions'])} gate decisions, each named by its digest.")
    claim("the promotion is approved", holds=promoted["verdict"] == "APPROVE", found=promoted)
    claim("it names the decisions that it rests on", holds=set(promoted["gate_decisions"]) == _digests(mended),
          found=promoted)  # fmt: skip
    again_promoted = person.asks(*words).document
    claim("the promotion is decided and recorded: asked once more, it is the same decision of the same moment",
          holds=again_promoted["decide_time"] == promoted["decide_time"], found=again_promoted)  # fmt: skip


def _verdicts(documents: list[Document]) -> set[str]:
    return {str(each["verdict"]) for each in documents}


def _digests(documents: list[Document]) -> set[str]:
    return {str(each["decision_digest"]) for each in documents}
