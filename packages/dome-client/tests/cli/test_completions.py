"""Completion, asked for as shells do it; and by the shells themselves where they are installed."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dome_contracts.exit_codes import Exit

Command = Callable[..., tuple[int, bytes, str]]
PROGRAM = "#!{python}\nimport sys\nfrom dome_client.cli.entry import main\nsys.exit(main())\n"
IN_BASH = """
source <(dome completions bash) || exit 9
COMP_LINE="$1" COMP_POINT=${#1} COMP_TYPE=9
COMP_WORDS=($1) COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_python_argcomplete dome
printf '%s\\n' "${COMPREPLY[@]}"
"""
IN_ZSH = """
autoload -Uz compinit && compinit -u -d "$HOME/.zcompdump"
source <(dome completions zsh) || exit 9
_describe() { print -l -- "${(P@)2}"; }
words=(${(z)1}) BUFFER="$1" CURSOR=${#1}
_python_argcomplete dome
"""
IN_FISH = """
dome completions fish | source; or exit 9
complete --do-complete $argv[1]
"""


class Shells:
    """Shells in which `dome` is the command of these sources."""

    def __init__(self, folder: Path, endpoint: str) -> None:
        program = folder / "dome"
        program.write_text(PROGRAM.format(python=sys.executable))
        program.chmod(0o755)
        self._environ = {
            "HOME": str(folder),
            "PATH": f"{folder}:{os.environ['PATH']}",
            "DOMED_ENDPOINT": endpoint,
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def bash(self, line: str) -> list[str]:
        """What bash puts in place of the last word of the line."""
        return self._run(["bash", "--norc", "-c", IN_BASH, "bash", line])

    def zsh(self, line: str) -> list[str]:
        """The same, each with what is said of it behind a colon."""
        return self._run(["zsh", "-f", "-c", IN_ZSH, "zsh", line])

    def fish(self, line: str) -> list[str]:
        """The same, each with what is said of it behind a tab."""
        return self._run(["fish", "--no-config", "-c", IN_FISH, line])

    def _run(self, argv: list[str]) -> list[str]:
        if shutil.which(argv[0]) is None:
            pytest.skip(f"there is no {argv[0]} on this machine: install the package {argv[0]}")
        done = subprocess.run(argv, env=self._environ, capture_output=True, timeout=60, check=False, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        return [word.rstrip() for word in done.stdout.splitlines()]


@pytest.fixture
def shells(short_directory: Path, served: str) -> Shells:
    return Shells(short_directory, served)


def submit(dome: Command, tool_id: str, *words: str) -> str:
    code, out, _ = dome("run", tool_id, *words, "--detach")
    assert code == 0
    return out.decode().strip()


def test_bash_completes_commands_and_options(shells: Shells) -> None:
    assert shells.bash("dome jo") == ["jobs", "job"]
    assert shells.bash("dome events --fo") == ["--follow"]
    assert shells.bash("dome jobs --state ru") == ["running"]
    assert shells.bash("dome service st") == ["start", "stop", "status"]


def test_bash_completes_the_groups_of_others(shells: Shells) -> None:
    assert shells.bash("dome miss") == ["mission"]
    assert shells.bash("dome mission cl") == ["claim"]
    assert shells.bash("dome 'mission' claim --art") == ["--artefact"]


def test_bash_completes_a_name_with_which_another_one_begins(shells: Shells) -> None:
    assert shells.bash("dome job") == ["jobs", "job"]


def test_bash_completes_ids_that_the_daemon_knows(shells: Shells, dome: Command) -> None:
    ended = submit(dome, "test.print", "--set", "lines=1")
    running = submit(dome, "test.endless")
    assert sorted(shells.bash("dome job job-")) == sorted([ended, running])
    assert shells.bash("dome cancel job-") == [running]
    assert shells.bash("dome run test.pr") == ["test.print", "test.produce"]


def test_bash_completes_the_artifacts_of_a_job(shells: Shells, dome: Command) -> None:
    job_id = submit(dome, "test.produce", "--set", "name=report.txt", "--set", "text=hello")
    assert shells.bash(f"dome artifact {job_id} re") == ["report.txt"]


def test_bash_completes_the_fields_of_a_tools_input(shells: Shells) -> None:
    assert shells.bash("dome run test.echo --set ar") == ["argv="]
    assert shells.bash("dome run no.such.tool --set ar") == [""]


def test_bash_completes_what_is_done_about_approvals_and_with_which_tools(shells: Shells) -> None:
    assert shells.bash("dome tools untr") == ["untrust"]
    assert shells.bash("dome tools trust test.") == ["test.untrusted"]
    assert "test.print" in shells.bash("dome tools untrust test.")
    assert shells.bash("dome tools trust test.untrusted test.") == [""]


def test_without_a_daemon_nothing_is_offered_and_none_is_started(short_directory: Path) -> None:
    shells = Shells(short_directory, f"unix:{short_directory}/nobody")
    assert shells.bash("dome job job-") == [""]


def test_zsh_completes_commands_with_what_they_do(shells: Shells) -> None:
    assert "jobs:List jobs, newest first" in shells.zsh("dome jo")


def test_fish_completes_commands_with_what_they_do(shells: Shells) -> None:
    assert "jobs\tList jobs, newest first" in shells.fish("dome jo")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_script_names_the_command(dome: Command, shell: str) -> None:
    code, out, _ = dome("completions", shell)
    assert code == 0
    assert b"dome" in out


def test_another_shell_is_refused(dome: Command) -> None:
    with pytest.raises(SystemExit) as ended:
        dome("completions", "csh")
    assert ended.value.code == Exit.USAGE
