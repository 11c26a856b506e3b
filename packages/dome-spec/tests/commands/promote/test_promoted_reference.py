"""Which references a commit may be promoted to: those that git could give a name to."""

import pytest

from dome_spec.commands.promote.subject import reference_of
from dome_spec.commands.verb import UsageWrong


@pytest.mark.parametrize("named", ["main", "feature/x-1.2", "a@b", "@", "a.b/c", "x.lockb"])
def test_what_is_not_said_of_what_is_a_branch(named: str) -> None:
    assert reference_of(named) == f"refs/heads/{named}"
    assert reference_of(f"refs/tags/{named}") == f"refs/tags/{named}"


@pytest.mark.parametrize(
    "named",
    [
        *(
            "",
            "a/",
            "/a",
            "a//b",
            ".a",
            "a/.b",
            "a.",
            "a./b",
            "a..b",
            "a.lock",
            "a.lock/b",
            "x@{1}",
            "a^",
            "a~1",
            "a:b",
        ),
        *("a?", "a*", "a[", "a\\b", "a b", "a\x1b", "ä", "caf\udce9", "a" * 241, "refs/", "refs/heads/"),
    ],
)
def test_what_git_would_not_take_is_a_wrong_command_line(named: str) -> None:
    with pytest.raises(UsageWrong, match="takes a reference"):
        reference_of(named)
