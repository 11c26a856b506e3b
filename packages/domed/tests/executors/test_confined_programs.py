"""A confined program is what it would be otherwise, and starts and ends no others that it did not declare."""

import os
import subprocess

import pytest

from packages.domed.tests.executors.confined_place import BY_VIEW, DECLARED, NOBODY, OTHER, TRY, Place, outcomes


class TestProcesses:
    def test_a_tool_that_starts_no_programs_cannot_spawn_a_shell(self, place: Place) -> None:
        told = place.run(
            TRY
            + """
import threading
attempt("shell", lambda: subprocess.run(["/bin/sh", "-c", "echo no"], check=True))
attempt("thread", lambda: threading.Thread(target=print, args=("in thread done",)).start())
""",
            starts_processes=False,
        )
        assert outcomes(told) == {"shell": "refused", "thread": "done", "in thread": "done"}
        # The loader of the program would load any other: what is refused is not all of it.
        assert told["processes"] == DECLARED

    @pytest.mark.parametrize("first_line", ["#!/bin/sh", "#!/usr/bin/env sh", "#!/usr/bin/env -S sh -u"])
    def test_a_script_starts_with_its_interpreter_and_nothing_else(self, place: Place, first_line: str) -> None:
        script = place.root / "tool" / "script"
        script.write_text(f"{first_line}\necho here\n/bin/ls\n")
        script.chmod(0o755)
        told = place.run(argv=(str(script),), starts_processes=False)
        assert told["stdout"] == "here\n"
        assert "denied" in told["stderr"]

    def test_others_of_the_same_user_can_be_neither_read_nor_ended(self, place: Place) -> None:
        with subprocess.Popen(
            ["sleep", "60"], env={"KEY": "secret"}, user=NOBODY if place.user == OTHER else None
        ) as other:
            try:
                told = place.run(
                    TRY
                    + f"attempt('read', lambda: open('/proc/{other.pid}/environ').read(1))\n"
                    + f"attempt('end', lambda: os.kill({other.pid}, 15))\n"
                )
                # Root with all its rights may read the memory of every process.
                if place.mechanism in BY_VIEW or place.user == OTHER or os.geteuid() != 0:
                    assert outcomes(told)["read"] == "refused"
                assert told["landlock_abi"] < 6 or outcomes(told)["end"] == "refused"
            finally:
                other.kill()


class TestTheProgram:
    def test_it_has_the_given_environment_and_descriptors(self, place: Place) -> None:
        told = place.run(
            script="tr '\\0' '\\n' </proc/$$/environ; for f in /proc/$$/fd/*; do [ -e $f ] && echo $f; done"
        )
        names = [line.split("=")[0] for line in told["stdout"].splitlines() if "=" in line]
        assert sorted(names) == sorted(["PATH", "HOME", "TMPDIR", "DOME_JOB_ID", "DOME_SCRATCH", "DOME_CHANNEL_FD"])
        descriptors = [line for line in told["stdout"].splitlines() if line.startswith("/proc")]
        assert len(descriptors) == 4, told

    def test_it_keeps_its_user_its_group_and_its_directory(self, place: Place) -> None:
        told = place.run("import os; print(os.getuid(), os.getgid(), os.getcwd(), oct(os.umask(0)))")
        wanted = f"{NOBODY} {NOBODY}" if place.user == OTHER else f"{os.getuid()} {os.getgid()}"
        assert told["stdout"] == f"{wanted} {place.work} 0o77\n"

    def test_it_hears_the_signals_that_a_program_hears(self, place: Place) -> None:
        told = place.run(argv=("grep", "-E", "SigBlk|SigIgn", "/proc/self/status"))
        assert {line.split()[1] for line in told["stdout"].splitlines()} == {"0000000000000000"}

    def test_how_it_ends_is_told_as_it_was(self, place: Place) -> None:
        assert place.run(script="exit 143")["end"] == "Exited(exit_code=143, signal=None)"
        assert place.run(script="kill -9 $$")["end"] == "Exited(exit_code=None, signal=9)"

    def test_one_that_does_not_exist_is_not_spawned(self, place: Place) -> None:
        told = place.run(argv=("dome-there-is-no-such-program",))
        assert "SpawnFailed" in told["end"] and "does not exist" in told["end"] and "exit_code=127" in told["end"]
        plain = place.root / "tool" / "plain"
        plain.write_text("text")
        told = place.run(argv=(str(plain),))
        assert "SpawnFailed" in told["end"] and "not executable" in told["end"] and "exit_code=126" in told["end"]

    def test_it_may_run_in_its_scratch_directory(self, place: Place) -> None:
        for filesystem in ("none", "read"):
            told = place.run(script="echo x > here; pwd", filesystem=filesystem, scratch_only=True)
            assert (told["stdout"], told["stderr"]) == (f"{place.scratch}\n", "")
            assert (place.scratch / "here").exists()
