"""The command against a served fake, and what it costs to start."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dome_client.cli import groups
from dome_contracts.exit_codes import Exit

HEAVY = ("asyncio", "betterproto2", "dataclasses", "grpclib", "importlib.metadata", "pydantic", "sqlite3", "subprocess")


Command = Callable[..., tuple[int, bytes, str]]


def test_words_after_two_dashes_become_argv(dome: Command) -> None:
    code, out, err = dome("run", "test.echo", "--", "a", "--json", "--", "b")
    assert (code, out) == (0, b"a --json -- b\n")
    assert err.startswith("job-")


def test_words_are_refused_by_a_tool_without_argv_and_by_other_commands(dome: Command) -> None:
    code, _, err = dome("run", "test.print", "--", "a")
    assert (code, "has no list `argv`" in err) == (Exit.USAGE, True)
    with pytest.raises(SystemExit) as left:
        dome("jobs", "--", "a")
    assert left.value.code == Exit.USAGE


def test_fields_are_json_or_text_and_go_over_those_of_the_file(dome: Command, tmp_path: Path) -> None:
    source = tmp_path / "input.json"
    source.write_text('{"argv": ["file"], "kept": true}')
    code, out, _ = dome("run", "test.echo", "--input", str(source), "--set", 'argv=["set"]', "--set", "text=two words")
    assert (code, out) == (0, b"set\n")
    _, out, _ = dome("jobs", "--json")
    _, out, _ = dome("job", json.loads(out)["job_id"], "--json")
    result = json.loads(out)["outcome"]["result"]
    assert result == {"argv": ["set"], "kept": True, "text": "two words"}


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--input", "/no/such/file"], "No such file"),
        (["--input", "/dev/null"], "no JSON"),
        (["--set", "argv"], "NAME=VALUE"),
        (["--label", "=x"], "NAME=VALUE"),
        (["--set", "n=NaN"], "cannot be sent"),
        (["--timeout", "-1"], "above 0"),
        (["--timeout", "1e-9"], "above 0"),
        (["--key", ""], "--key is empty"),
    ],
)
def test_input_that_cannot_be_used_is_a_usage_error(dome: Command, words: list[str], complaint: str) -> None:
    code, out, err = dome("run", "test.echo", *words)
    assert (code, out) == (Exit.USAGE, b"")
    assert complaint in err


def test_a_request_for_a_file_that_looks_like_json_says_how_json_is_given(dome: Command) -> None:
    code, _, err = dome("run", "test.echo", "--input", '{"argv": []}')
    assert (code, "`--input -` reads what is piped in" in err) == (Exit.USAGE, True)


def test_bytes_go_out_as_they_came(dome: Command) -> None:
    code, out, err = dome("run", "test.bytes")
    assert (code, out) == (0, b"\x00\xff\r\n\xc3")
    assert "half" not in err, "progress is for terminals"
    _, out, _ = dome("run", "test.fail", "--set", "exit_code=3", "--json")
    assert [json.loads(line)["seq"] for line in out.splitlines()] == [1, 2, 3, 4]


def test_the_exit_code_is_the_jobs(dome: Command) -> None:
    code, out, err = dome("run", "test.fail", "--set", "exit_code=3")
    assert (code, out) == (3, b"")
    assert err.splitlines()[1] == "oops"


def test_lists_are_read_over_all_pages(dome: Command) -> None:
    for _ in range(5):
        dome("run", "test.print", "--set", "lines=1", "--detach")
    _, out, _ = dome("jobs", "--json", "--limit", "4")
    assert len(out.splitlines()) == 4
    _, out, _ = dome("jobs")
    assert len(out.splitlines()) == 1 + 5


@pytest.mark.parametrize("words", [["--json", "tools"], ["tools", "--json"]])
def test_options_stand_before_or_after_the_command(dome: Command, words: list[str]) -> None:
    code, out, _ = dome(*words)
    assert code == 0
    assert [json.loads(line)["tool_id"] for line in out.splitlines()] == sorted(
        json.loads(line)["tool_id"] for line in out.splitlines()
    )


def test_an_unusable_endpoint_is_a_usage_error(dome: Command) -> None:
    code, _, err = dome("jobs", "--endpoint", "tcp:192.0.2.1:1")
    assert (code, "this machine only" in err) == (Exit.USAGE, True)


@pytest.mark.parametrize(
    "words", [[], ["no-such-command"], ["run"], ["jobs", "--limit", "x"], ["jobs", "--limit", "0"]]
)
def test_a_wrong_command_line_is_a_usage_error(dome: Command, words: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        dome(*words)
    assert left.value.code == Exit.USAGE


@pytest.mark.parametrize("name", groups.BUILT_IN)
def test_every_command_has_help_with_examples(
    dome: Command, capfdbinary: "pytest.CaptureFixture[bytes]", name: str
) -> None:
    with pytest.raises(SystemExit) as left:
        dome(name, "--help")
    assert left.value.code == 0
    shown = capfdbinary.readouterr().out.decode()
    assert f"examples:\n  dome {name}" in shown
    assert "--json" in shown


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom dome_client.cli.main import main\nsys.argv = ['dome', '--help']\n"
        f"try:\n    main()\nexcept SystemExit:\n    print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    # The first use remembers which groups are installed.
    environ = {"HOME": str(tmp_path)}
    uses = [
        subprocess.run(
            [sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=True, timeout=60
        )
        for _ in range(2)
    ]
    assert uses[-1].stdout.splitlines()[-1] == "[]"


ENTRY = "import sys; from dome_client.cli.entry import main; sys.exit(main())"


def shell(script: str, endpoint: str, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """A shell script in which `dome` is the command."""
    environ = {"DOMED_ENDPOINT": endpoint, "HOME": "/nonexistent", "PATH": os.environ["PATH"]}
    command = f'dome() {{ {shlex.quote(sys.executable)} -P -c {shlex.quote(ENTRY)} "$@"; }}\n{script}'
    return subprocess.run(
        ["bash", "-c", command], env=environ, cwd=cwd, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("words", ["tools", "--help", "run test.print --set lines=3"])
def test_closed_streams_are_no_failure(served: str, words: str) -> None:
    for closed in (">&-", "2>&-", "<&- >&- 2>&-"):
        done = shell(f"dome {words} {closed}", served)
        assert (done.returncode, "Traceback" in done.stderr) == (0, False)


@pytest.mark.parametrize("words", ["tools", "--help", "run test.print --set lines=3"])
def test_output_that_cannot_be_written_has_a_code_of_its_own(served: str, words: str) -> None:
    done = shell(f"dome {words} >/dev/full", served)
    assert (done.returncode, "Traceback" in done.stderr) == (Exit.OUTPUT_LOST, False)


@pytest.mark.parametrize("words", ["tools", "--help"])
def test_a_reader_that_left_ends_the_command_as_it_ends_others(served: str, words: str) -> None:
    done = shell(f"dome {words} | true; exit ${{PIPESTATUS[0]}}", served)
    assert (done.returncode, done.stderr) == (141, "")


def test_a_directory_that_is_gone_is_told(served: str, tmp_path: Path) -> None:
    gone = "mkdir gone; cd gone; rmdir ../gone; "
    for words in ("tools", "run test.print --set lines=1"):
        done = shell(gone + f"dome {words}", served, tmp_path)
        assert (done.returncode, "no longer exists" in done.stderr) == (Exit.USAGE, True)
    assert shell(gone + "dome run test.print --set lines=1 --cwd /", served, tmp_path).returncode == 0
    assert shell(gone + "dome jobs", served, tmp_path).returncode == 0


@pytest.mark.parametrize("words", [["job", "job-\udcff"], ["tool", "\udcff"], ["run", "test.echo", "--", "\udcff"]])
def test_words_that_are_no_text_are_usage_errors(dome: Command, words: list[str]) -> None:
    code, out, err = dome(*words)
    assert (code, out, "Traceback" in err) == (Exit.USAGE, b"", False)


def test_a_socket_whose_name_is_no_text_can_be_told_as_json() -> None:
    done = shell("dome jobs --json --endpoint $'unix:/nonexistent/\\xff'", "")
    assert done.returncode == Exit.UNAVAILABLE
    assert "/nonexistent/\udcff" in json.loads(done.stderr)["error"]["message"]
