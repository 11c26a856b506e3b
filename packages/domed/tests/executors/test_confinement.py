"""What a tool did not declare, the kernel refuses: each mechanism, as root and as an ordinary user."""

import asyncio
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.runtime.v1 import Enforcement
from domed.executors import bubblewrap, confinement, survivors
from domed.executors.confinement import Abilities
from domed.executors.port import UNBOUNDED, Effects, Invocation
from packages.domed.tests.executors import confined_run
from packages.domed.tests.executors.confining import MECHANISMS, of_mechanism
from packages.domed.tests.executors.conformance import fresh_job_id, limits

TIMEOUT_S = 60
NOBODY = 65534
DECLARED, ENFORCED = Enforcement.DECLARED.name, Enforcement.ENFORCED.name
OWN, OTHER = "this user", "an ordinary user"
BY_VIEW = ("namespaces", "bubblewrap")
"""Mechanisms that give a process a view of its own; Landlock by itself holds back less."""


@dataclass(frozen=True)
class Place:
    """Where a confined run takes place: a directory, a scratch directory and a tool's folder of the user who runs."""

    root: Path
    mechanism: str
    user: str

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def scratch(self) -> Path:
        return self.root / "scratch"

    def run(
        self,
        python: str = "",
        *,
        script: str = "",
        argv: tuple[str, ...] = (),
        filesystem: str = "read",
        network: str = "none",
        starts_processes: bool = True,
        hide: tuple[Path, ...] = (),
        scratch_only: bool = False,
    ) -> dict[str, Any]:
        job_id = fresh_job_id()
        asked = {
            "mechanism": self.mechanism,
            "job_id": job_id,
            "argv": argv or (["/bin/sh", "-c", script] if script else [sys.executable, "-I", "-c", python]),
            "effects": {
                "filesystem": filesystem,
                "network": network,
                "starts_processes": starts_processes,
                "folder": str(self.root / "tool"),
            },
            "scratch": str(self.scratch),
            "directory": "" if scratch_only else str(self.work),
            "home": str(self.root / "home"),
            "hide": [str(each) for each in hide],
        }
        told = asyncio.run(confined_run.main(asked)) if self.user == OWN else self._as_other(asked)
        assert survivors.of_jobs([job_id]) == []
        if self.mechanism in BY_VIEW and not told["view"]:
            pytest.skip(f"{self.user} is given no {self.mechanism} by this kernel")
        return dict(told)

    def _as_other(self, asked: dict[str, Any]) -> dict[str, Any]:
        done = subprocess.run(
            [
                "setpriv",
                f"--reuid={NOBODY}",
                f"--regid={NOBODY}",
                "--clear-groups",
                sys.executable,
                confined_run.__file__,
            ],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            cwd="/",
        )
        assert done.returncode == 0, done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        return told


def be_other() -> None:
    """Skips the test where it cannot run programs as another user."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("only root, with setpriv, can be another user")
    if subprocess.run(["setpriv", f"--reuid={NOBODY}", "--clear-groups", sys.executable, "-c", ""]).returncode:
        pytest.skip(f"another user cannot run {sys.executable}")


@pytest.fixture(
    params=[
        *((mechanism, OWN) for mechanism in MECHANISMS),
        ("namespaces", OTHER),
        *(pytest.param((mechanism, OTHER), marks=pytest.mark.slow) for mechanism in ("bubblewrap", "landlock")),
    ],
    ids=" as ".join,
)
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    mechanism, user = request.param
    of_mechanism(mechanism)
    if user == OTHER:
        be_other()
    # Not below pytest's own directory, which is this user's alone.
    with tempfile.TemporaryDirectory(prefix="domed-confined-") as name:
        root = Path(name)
        for directory in ("work", "scratch", "home", "tool", "run"):
            (root / directory).mkdir()
        (root / "home" / "key").write_text("secret")
        (root / "work" / "file").write_text("text")
        (root / "tool" / "part.sh").write_text("echo own folder")
        for path in (root, *root.rglob("*")):
            os.chown(path, *([NOBODY] * 2 if user == OTHER else [-1, -1]))
        yield Place(root, mechanism, user)


@dataclass(frozen=True)
class Doors:
    """Sockets of this machine that a tool might reach."""

    port: int
    stream: socket.socket
    datagram: socket.socket
    abstract: socket.socket

    def knocked(self) -> list[str]:
        """At which of them somebody was."""
        found = []
        for name in ("stream", "datagram", "abstract"):
            door: socket.socket = getattr(self, name)
            if select.select([door], [], [], 0)[0]:
                door.recv(10) if name == "datagram" else door.accept()[0].close()
                found.append(name)
        return found


TRY = """
import os, socket, subprocess, sys, tempfile
def attempt(name, act):
    try:
        act()
    except OSError as error:
        print(name, "refused", file=sys.stdout)
    else:
        print(name, "done")
"""


def outcomes(told: dict[str, Any]) -> dict[str, str]:
    assert told["end"].startswith("Exited(exit_code=0"), told
    return dict(line.rsplit(" ", 1) for line in told["stdout"].splitlines())


class TestFiles:
    def test_a_tool_that_declares_to_read_writes_in_its_scratch_directory_only(self, place: Place) -> None:
        told = place.run(
            TRY
            + f"""
attempt("read", lambda: open("file").read())
attempt("overwrite", lambda: open("file", "a").write("x"))
attempt("truncate", lambda: os.truncate("file", 0))
attempt("create", lambda: open("new", "w"))
attempt("home", lambda: open({str(place.root / "home" / "new")!r}, "w"))
attempt("tmp", lambda: open("/tmp/domed-confined-stray", "w"))
attempt("remove", lambda: os.remove("file"))
attempt("rename", lambda: os.rename("file", "moved"))
attempt("link", lambda: os.link("file", os.environ["DOME_SCRATCH"] + "/linked"))
attempt("null", lambda: open("/dev/null", "w").write("x"))
attempt("scratch", lambda: open(os.environ["DOME_SCRATCH"] + "/mine", "w").write("x"))
attempt("folder", lambda: os.makedirs(os.environ["DOME_SCRATCH"] + "/a/b"))
attempt("move", lambda: os.rename(os.environ["DOME_SCRATCH"] + "/mine", os.environ["DOME_SCRATCH"] + "/a/b/mine"))
attempt("temporary", lambda: tempfile.TemporaryFile())
"""
        )
        allowed = {"read", "null", "scratch", "folder", "move", "temporary"}
        assert {name for name, how in outcomes(told).items() if how == "done"} == allowed
        assert (place.work / "file").read_text() == "text"
        assert sorted(os.listdir(place.work)) == ["file"]
        assert (place.scratch / "a" / "b" / "mine").read_text() == "x"

    def test_what_landlock_alone_cannot_hold_back_a_view_does(self, place: Place) -> None:
        told = place.run(TRY + "attempt('mode', lambda: os.chmod('file', 0o777))\n")
        held = place.mechanism in BY_VIEW
        assert outcomes(told) == {"mode": "refused" if held else "done"}
        assert told["filesystem"] == (ENFORCED if held else DECLARED)

    def test_a_tool_that_declares_nothing_reads_no_key(self, place: Place) -> None:
        told = place.run(
            TRY
            + f"""
from dome_contracts import tool
attempt("key", lambda: open({str(place.root / "home" / "key")!r}).read())
attempt("directory", lambda: os.listdir({str(place.root / "home")!r}))
attempt("work", lambda: open({str(place.work / "file")!r}).read())
attempt("own folder", lambda: open({str(place.root / "tool" / "part.sh")!r}).read())
attempt("scratch", lambda: open(os.environ["DOME_SCRATCH"] + "/mine", "w").write("x"))
attempt("another process", lambda: open("/proc/1/environ").read())
""",
            filesystem="none",
        )
        assert {name for name, how in outcomes(told).items() if how == "done"} == {"own folder", "scratch"}
        assert told["filesystem"] == (ENFORCED if place.mechanism in BY_VIEW else DECLARED)

    def test_a_refused_write_is_the_tools_failure_and_said_in_its_output(self, place: Place) -> None:
        told = place.run(script="echo x > new")
        assert told["end"].startswith("Exited(exit_code=2") or told["end"].startswith("Exited(exit_code=1")
        assert "Read-only" in told["stderr"] or "denied" in told["stderr"]


class TestNetwork:
    REACH = """
def connect(family, kind, address):
    with socket.socket(family, kind) as made:
        made.settimeout(5)
        made.connect(address)
        made.send(b"x")
attempt("loopback", lambda: connect(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", PORT)))
attempt("beyond", lambda: connect(socket.AF_INET, socket.SOCK_STREAM, ("192.0.2.1", 80)))
attempt("datagram", lambda: connect(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", PORT)))
attempt("abstract", lambda: connect(socket.AF_UNIX, socket.SOCK_STREAM, "\\0NAME"))
"""

    @pytest.fixture
    def doors(self) -> Iterator[Doors]:
        with (
            socket.create_server(("127.0.0.1", 0)) as stream,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram,
            socket.socket(socket.AF_UNIX) as abstract,
        ):
            port = stream.getsockname()[1]
            datagram.bind(("127.0.0.1", port))
            abstract.bind(f"\0domed-confined-{os.getpid()}-{port}")
            abstract.listen()
            yield Doors(port, stream, datagram, abstract)

    def reach(self, place: Place, doors: Doors, **effects: Any) -> dict[str, Any]:
        name = f"domed-confined-{os.getpid()}-{doors.port}"
        return place.run(TRY + self.REACH.replace("PORT", str(doors.port)).replace("NAME", name), **effects)

    def test_a_tool_that_declares_no_network_reaches_none(self, place: Place, doors: Doors) -> None:
        told = self.reach(place, doors)
        refused = {name for name, how in outcomes(told).items() if how == "refused"}
        if place.mechanism in BY_VIEW:
            # A datagram may be sent: to the loopback of its own, where nobody listens.
            assert refused >= {"loopback", "beyond", "abstract"}
            assert doors.knocked() == []
            assert told["network"] == ENFORCED
        else:
            # What is held back depends on the version of Landlock; datagrams are not, so nothing is claimed.
            assert told["network"] == DECLARED
            assert told["landlock_abi"] < 4 or "loopback" in refused

    def test_a_tool_may_write_and_still_have_no_network(self, place: Place, doors: Doors) -> None:
        told = self.reach(place, doors, filesystem="write")
        assert told["filesystem"] == DECLARED
        assert told["network"] == (ENFORCED if place.mechanism in BY_VIEW else DECLARED)
        if place.mechanism in BY_VIEW:
            assert doors.knocked() == []
        assert place.run(script="echo x > new; chmod 700 new; mv new ../home", filesystem="write")["stderr"] == ""
        assert (place.root / "home" / "new").exists()

    def test_a_declared_network_is_left_alone(self, place: Place, doors: Doors) -> None:
        for network in ("loopback", "any"):
            told = self.reach(place, doors, network=network)
            assert doors.knocked() == ["stream", "datagram", "abstract"]
            assert told["network"] == DECLARED

    def test_sockets_of_services_are_out_of_reach(self, place: Place) -> None:
        path = place.root / "run" / "service.sock"
        with socket.socket(socket.AF_UNIX) as service:
            service.bind(str(path))
            service.listen()
            path.chmod(0o777)
            act = f"attempt('service', lambda: socket.socket(socket.AF_UNIX).connect({str(path)!r}))"
            assert outcomes(place.run(TRY + act, network="any")) == {"service": "done"}
            if place.mechanism in BY_VIEW:
                hidden = place.run(TRY + act, hide=(path.parent,))
                assert outcomes(hidden) == {"service": "refused"}


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


def an_invocation(effects: Effects, scratch: Path) -> Invocation:
    return Invocation(
        job_id=fresh_job_id(),
        argv=["true"],
        payload=b"",
        environment={"PATH": "/usr/bin:/bin"},
        working_directory=None,
        scratch=scratch,
        limits=limits(),
        effects=effects,
    )


class TestWhatIsClaimed:
    READS = Effects(filesystem="read", network="none", starts_processes=False)

    @pytest.mark.parametrize(
        ("abilities", "filesystem", "network"),
        [
            (Abilities(), DECLARED, DECLARED),
            (Abilities(landlock_abi=7, apart=True), DECLARED, DECLARED),
            (Abilities(landlock_abi=7, namespaces=True, apart=True), ENFORCED, ENFORCED),
            (Abilities(landlock_abi=7, bubblewrap="/usr/bin/bwrap", apart=True), ENFORCED, ENFORCED),
            # Whoever can look into other processes has them do what it must not.
            (Abilities(namespaces=True), DECLARED, DECLARED),
            (Abilities(namespaces=True, apart=True), ENFORCED, ENFORCED),
        ],
    )
    def test_only_what_the_kernel_holds_is_called_enforced(
        self, abilities: Abilities, filesystem: str, network: str
    ) -> None:
        held = confinement.enforcement(self.READS, abilities)
        assert (held.filesystem.name, held.network.name, held.processes.name) == (filesystem, network, DECLARED)

    def test_without_landlock_nothing_keeps_a_tool_from_reading(self) -> None:
        nothing = Effects(filesystem="none", network="none", starts_processes=True)
        held = confinement.enforcement(nothing, Abilities(namespaces=True, apart=True))
        assert (held.filesystem, held.network) == (Enforcement.DECLARED, Enforcement.ENFORCED)

    def test_who_declares_everything_is_held_to_nothing_and_pays_nothing(self, tmp_path: Path) -> None:
        everything = Abilities(landlock_abi=7, namespaces=True, apart=True)
        held = confinement.enforcement(UNBOUNDED, everything)
        assert {held.filesystem, held.network, held.processes} == {Enforcement.DECLARED}
        assert confinement.confined(an_invocation(UNBOUNDED, tmp_path), everything, hide=()) is None

    def test_where_nothing_can_be_held_a_run_starts_as_ever(self, tmp_path: Path) -> None:
        assert confinement.confined(an_invocation(self.READS, tmp_path), Abilities(), hide=()) is None

    def test_a_directory_that_the_run_needs_is_not_hidden(self, tmp_path: Path) -> None:
        scratch, other = tmp_path / "state" / "scratch", tmp_path / "run"
        for directory in (scratch, other):
            directory.mkdir(parents=True)
        known = Abilities(landlock_abi=7, namespaces=True, apart=True)
        plan = confinement.confined(an_invocation(self.READS, scratch), known, hide=(tmp_path / "state", other))
        assert plan is not None
        assert [after for word, after in zip(plan.words, plan.words[1:], strict=False) if word == "--hide"] == [
            str(other)
        ]

    def test_bubblewrap_is_asked_for_no_process_namespace(self) -> None:
        words = bubblewrap.command("bwrap", self.READS, write=["/s"], directory="/d", read=[], hidden=["/h"])
        assert "--unshare-net" in words
        assert "--unshare-pid" not in words
        assert "--die-with-parent" not in words
