"""Trust from the command line: a cloned repository runs nothing until somebody has looked and said yes."""

import json
import os
import pty
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from dome_contracts.exit_codes import Exit
from tests.e2e.dome_home import DOME, Home, a_home
from tests.e2e.tool_folder import write_tool

TIMEOUT_S = 60.0


@pytest.fixture
def home() -> Iterator[Home]:
    with a_home() as made:
        yield made


def cloned(home: Home) -> Path:
    """A repository with a tool, as `git clone` leaves it."""
    upstream = home.root / "upstream"
    write_tool(upstream / ".dome/tools", "project.hello", "echo hello from the repository\n")
    git(upstream, "init", "-q")
    git(upstream, "add", ".")
    git(upstream, "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "a tool")
    git(home.root, "clone", "-q", str(upstream), "clone")
    return home.root / "clone"


def git(directory: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=directory, check=True, timeout=TIMEOUT_S, capture_output=True)


def command_of(home: Home, tool_id: str, *words: str) -> list[str]:
    """The command that a refusal names."""
    refused = home.dome("run", "--json", tool_id, *words)
    assert refused.code == Exit.PRECONDITION
    error = json.loads(refused.err)["error"]
    assert error["reason"] == "TOOL_UNTRUSTED"
    dome, *command = shlex.split(error["metadata"]["command"])
    assert dome == "dome"
    return command


def on_a_terminal(home: Home, answer: str, *words: str) -> tuple[int, str]:
    """One use of the command by somebody who answers its question: exit code and what the terminal showed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*DOME, *words], cwd=home.work, env=home.environ(), stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    shown = b""
    answered = False
    while True:
        try:
            shown += os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not answered and shown.endswith(b"[yes/no] "):
            os.write(ours, f"{answer}\n".encode())
            answered = True
    os.close(ours)
    return process.wait(TIMEOUT_S), shown.decode().replace("\r\n", "\n")


def test_a_tool_in_a_freshly_cloned_repository_is_refused_until_it_is_trusted(home: Home) -> None:
    clone = cloned(home)
    trust = command_of(home, "project.hello", "--cwd", str(clone))
    approved = home.dome(*trust, "--yes")
    assert approved.code == Exit.OK, approved.err
    ran = home.dome("run", "project.hello", "--cwd", str(clone))
    assert (ran.code, ran.out) == (Exit.OK, b"hello from the repository\n")
    (clone / ".dome/tools/project.hello/run.sh").write_text("echo something else\n")
    assert command_of(home, "project.hello", "--cwd", str(clone)) != trust
    assert home.dome(*trust, "--yes").code == Exit.PRECONDITION


def test_what_is_approved_is_shown_first_and_only_yes_approves(home: Home) -> None:
    folder = write_tool(home.config / "tools", "user.hello", "echo hello\n")
    trust = command_of(home, "user.hello")
    code, shown = on_a_terminal(home, "no", *trust)
    assert code == Exit.PRECONDITION
    for said in (f"'{folder.resolve()}/run.sh'", "filesystem READ, network NONE, starts no other program", "the-port",
                 "FILESYSTEM_READ", trust[-1], "run.sh", "schema.json", "tool.yaml", "Not approved."):  # fmt: skip
        assert said in shown, shown
    assert len(re.findall(r"sha256:[0-9a-f]{64}", shown)) == 4  # the tool's, and one for each file
    assert command_of(home, "user.hello") == trust
    code, shown = on_a_terminal(home, "yes", *trust)
    assert (code, "user.hello may run" in shown) == (Exit.OK, True)
    assert home.dome("run", "user.hello").out == b"hello\n"


def test_where_nobody_can_be_asked_nothing_is_approved_without_yes(home: Home) -> None:
    write_tool(home.config / "tools", "user.hello", "echo hello\n")
    trust = command_of(home, "user.hello")
    silent = home.dome(*trust)
    assert (silent.code, "--yes" in silent.err) == (Exit.USAGE, True)
    assert command_of(home, "user.hello") == trust


def test_a_tools_own_words_cannot_steer_the_terminal(home: Home) -> None:
    write_tool(home.config / "tools", "user.liar", "", title="\x1b[2K\rHarmless", short_description="One\nline")
    done = home.dome(*command_of(home, "user.liar"))
    assert "\x1b" not in done.err
    assert "\\x1b[2K" in done.err
    assert "One\\x0aline" in done.err


def test_approvals_are_listed_survive_the_daemon_and_are_taken_back(home: Home) -> None:
    write_tool(home.config / "tools", "user.hello", "echo hello\n")
    trust = command_of(home, "user.hello")
    assert home.dome(*trust, "--yes").code == Exit.OK
    assert home.dome("service", "stop").code == Exit.OK
    [listed] = home.dome("tools", "approvals", "--json").documents()
    assert (listed["tool_id"], listed["tool_digest"]) == ("user.hello", trust[-1])
    assert home.dome("run", "user.hello").code == Exit.OK
    assert "user.hello" in home.dome("tools", "untrust", "user.hello").out.decode()
    assert home.dome("tools", "approvals").out == b"No approvals.\n"
    assert command_of(home, "user.hello") == trust


def test_the_configuration_approves_where_nobody_can_be_asked(home: Home) -> None:
    write_tool(home.config / "tools", "user.hello", "echo hello\n")
    digest = command_of(home, "user.hello")[-1]
    assert home.dome("service", "stop").code == Exit.OK
    home.configure(f'[trust]\ndigests = ["{digest}"]\n')
    assert home.dome("run", "user.hello").out == b"hello\n"
    still = home.dome("tools", "untrust", "user.hello")
    assert (still.code, "can still be run" in still.err) == (Exit.OK, True)


def test_doctor_and_tools_name_what_is_hidden_left_out_and_not_approved(home: Home) -> None:
    tools = home.config / "tools"
    write_tool(tools, "user.hello", "")
    write_tool(tools, "user.broken", "", version="one")
    (tools / "user.hello").rename(tools / "a")
    write_tool(tools, "user.hello", "")
    listed = home.dome("tools")
    assert f"hidden: {tools.resolve()}/user.hello: The id user.hello belongs to {tools.resolve()}/a" in listed.err
    assert "left out:" in listed.err
    assert "/version" in listed.err
    checks = home.dome("doctor", "--json").documents()
    said = {(check["check"], check["verdict"]): check for check in checks}
    assert any("is hidden" in check["what"] for check in checks)
    assert any("is left out" in check["what"] for check in checks)
    assert said["trust", "warning"]["what"] == "1 not approved: user.hello"
    assert said["trust", "warning"]["repair"].startswith("`dome tools trust user.hello --digest sha256:")


@pytest.mark.parametrize(
    "words",
    [
        ["trust"],
        ["trust", "a.tool"],
        ["trust", "a.tool", "another", "--digest", "x"],
        ["untrust"],
        ["untrust", "a.tool", "--yes"],
        ["approvals", "a.tool"],
        ["search", "--digest", "x"],
        ["search", "--yes"],
    ],
)
def test_a_command_line_that_makes_no_sense_is_refused_before_anything_is_asked(home: Home, words: list[str]) -> None:
    done = home.dome("tools", *words)
    assert (done.code, done.out) == (Exit.USAGE, b"")
    assert home.daemons() == []
