"""A command line that is wrong is told with what comes near, by the command that does not take it."""

from collections.abc import Callable

import pytest

from dome_client.cli.main import run
from dome_contracts.exit_codes import Exit


@pytest.fixture
def told(capfd: "pytest.CaptureFixture[str]") -> Callable[..., str]:
    """What is said of words that are no command line."""

    def say(*words: str) -> str:
        with pytest.raises(SystemExit) as left:
            run(words, {})
        assert left.value.code == Exit.USAGE
        out, err = capfd.readouterr()
        assert out == ""
        return err

    return say


@pytest.mark.parametrize(
    ("words", "what", "where"),
    [
        (["jbos"], "there is no 'jbos'. Similar: jobs", "`dome --help`"),
        (["service", "strat"], "Similar: start", "`dome service --help`"),
        (["completions", "csh5"], "There are: bash, zsh, fish", "`dome completions --help`"),
        (["jobs", "--state", "runing"], "Similar: running", "`dome jobs --help`"),
        (["jobs", "--limt", "3"], "unrecognized arguments: --limt 3. Similar: --limit", "`dome jobs --help`"),
        (["run", "repo", "search"], "unrecognized arguments: search", "`dome run --help`"),
        (["events"], "required: ID", "`dome events --help`"),
        (["--jsn", "jobs"], "unrecognized arguments: --jsn. Similar: --json", "`dome --help`"),
    ],
)
def test_what_is_wrong_what_is_similar_and_where_to_look(
    told: Callable[..., str], words: list[str], what: str, where: str
) -> None:
    said = told(*words)
    assert what in said
    assert said.splitlines()[-1].startswith(f"  {where}")


def test_somebody_who_says_nothing_is_shown_what_there_is(told: Callable[..., str]) -> None:
    said = told()
    assert "repo.search --set pattern=TODO" in said
    assert "Run a tool as a job" in said
