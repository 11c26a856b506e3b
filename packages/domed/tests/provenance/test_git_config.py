"""A configuration is read as git reads it, and no secret comes out of it."""

import os

import pytest

from domed.provenance import git_config
from domed.provenance.git_config import Entry, origin, parse, program_named, without_credentials
from domed.provenance.repository import Unreadable, find
from packages.domed.tests.provenance.conftest import Git


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://example.invalid/a.git", "https://example.invalid/a.git"),
        ("https://user@example.invalid/a.git", "https://example.invalid/a.git"),
        ("https://user:secret@example.invalid:8443/a.git", "https://example.invalid:8443/a.git"),
        ("https://user:se@cret@example.invalid/a.git", "https://example.invalid/a.git"),
        ("https://example.invalid/a.git?access_token=secret#secret", "https://example.invalid/a.git"),
        ("ssh://git@example.invalid/a.git", "ssh://example.invalid/a.git"),
        ("git@example.invalid:team/a.git", "example.invalid:team/a.git"),
        ("/srv/git/a@b.git", "/srv/git/a@b.git"),
        ("../a.git", "../a.git"),
        ("https://[secret@/a", ""),
    ],
)
def test_credentials_are_left_out(url: str, clean: str) -> None:
    assert without_credentials(url) == clean


@pytest.mark.parametrize(
    "value",
    ["plain", "two  words", " led by space", "tail ", 'a "quote"', "back\\slash", "semi;colon # hash", "tab\tx"],
)
def test_values_are_what_git_says(git: Git, value: str) -> None:
    git("config", "remote.origin.url", value)
    repository = find(git.root)
    assert repository is not None
    assert [entry.value for entry in git_config.entries(repository) if entry.name == "url"] == [value]


def test_sections_subsections_and_comments() -> None:
    text = (
        "\ufeff; first\n[core]\r\n\tbare\n\tEditor = vi ; comment\n"
        '[Remote "Or\\"igin"] url = a\\\n  b # comment\n[old.Style]\nkey="q" u'
    )
    assert list(parse(text)) == [
        Entry("core", "", "bare", ""),
        Entry("core", "", "editor", "vi"),
        Entry("remote", 'Or"igin', "url", "a  b"),
        Entry("old", "style", "key", "q u"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        '# comment \\\n[filter "x"]\nclean = y\n',
        'a = b # comment \\\n[filter "x"]\nclean = y\n',
        '[core] bare\n[filter "x"]clean=y',
        '\ufeff[filter "x"]\nclean = y',
        '[core]\na = "quoted # no comment"\n[FILTER "x"]\nCLEAN = y\n',
        '[core]\r\na = b\\\r\nc\r\n[filter "x"]\r\nclean = y\r\n',
    ],
)
def test_a_program_cannot_be_hidden(text: str) -> None:
    assert program_named(tuple(parse(text))) == "filter.x.clean"


@pytest.mark.parametrize("text", ["not a line\n", '[filter "x]\n', "[a b]\n", "= x\n", "[core]\n1a = b\n"])
def test_what_git_would_not_read_is_not_passed_over(text: str) -> None:
    with pytest.raises(Unreadable):
        list(parse(text))


def test_the_origin_is_found() -> None:
    text = '[remote "other"]\nurl = x\n[remote "origin"]\nfetch = y\nurl = https://u:p@example.invalid/z\n'
    assert origin(tuple(parse(text))) == "https://example.invalid/z"
    assert origin(()) == ""


@pytest.mark.parametrize(
    ("text", "variable"),
    [
        ('[filter "lfs"]\nclean = x\n', "filter.lfs.clean"),
        ('[filter "lfs"]\nprocess = x\n', "filter.lfs.process"),
        ("[include]\npath = x\n", "include.path"),
        ('[includeIf "gitdir:/"]\npath = x\n', "includeif.path"),
        ('[filter "lfs"]\nrequired = true\n[core]\nfsmonitor = x\n', ""),
    ],
)
def test_a_configuration_that_names_a_program_is_noticed(text: str, variable: str) -> None:
    assert program_named(tuple(parse(text))) == variable


def test_a_configuration_that_is_a_pipe_is_not_read(git: Git) -> None:
    repository = find(git.root)
    assert repository is not None
    (git.root / ".git" / "config").unlink()
    os.mkfifo(git.root / ".git" / "config")
    with pytest.raises(Unreadable, match="no regular file"):
        git_config.entries(repository)
