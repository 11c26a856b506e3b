"""What git says of the commit of an operation."""

from typing import Any

from dome_spec.mission_runtime import GitReference

OPERATION = "op-01hy2y63cm7n59a7hdtrjvmwd0"
OTHER = "op-01hy2y63cm7n59a7hdtrjvmwd1"


def test_the_commit_of_an_operation_is_found_by_its_trailer_on_the_branch_alone(git: Any) -> None:
    before = git.commit("first")
    made = git.commit(f"Do it\n\nDome-Operation: {OPERATION}")
    git.commit(f"Speaks of Dome-Operation: {OTHER} in passing")
    git.run("branch", "side", before)
    reference = GitReference(git.root)
    assert reference.commit_of("refs/heads/main", OPERATION) == (made, before)
    assert reference.commit_of("refs/heads/main", OTHER) is None
    assert reference.commit_of("refs/heads/side", OPERATION) is None
    assert reference.commit_of("refs/heads/missing", OPERATION) is None


def test_the_first_commit_of_all_has_none_before_it(git: Any) -> None:
    made = git.commit(f"Do it\n\nDome-Operation: {OPERATION}")
    assert GitReference(git.root).commit_of("refs/heads/main", OPERATION) == (made, "0" * 40)
