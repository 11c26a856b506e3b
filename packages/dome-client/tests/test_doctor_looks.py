"""Each look of the doctor at a machine of the test's own: what it says of a good one, and of a bad one."""

import fcntl
import os
import resource
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dome_client.doctor import Verdict, daemon, doors, machine, places, programs, store, unit
from dome_client.doctor.finding import Finding
from dome_client.doctor.scene import Scene, daemon_package
from dome_client.endpoint import Endpoint, resolve
from dome_client.service import planned_files

NOW_S = 1_800_000_000.0


@pytest.fixture
def scene(short_directory: Path) -> Scene:
    kept = {"XDG_RUNTIME_DIR": "run", "XDG_STATE_HOME": "state", "XDG_CONFIG_HOME": "config", "HOME": "home"}
    environ = {name: str(short_directory / place) for name, place in kept.items()} | {"USER": "me"}
    (short_directory / "work").mkdir()
    return Scene(environ, short_directory / "work", NOW_S, resolve(None, environ), short_directory / "machine")


def only(findings: Iterator[Finding]) -> Finding:
    [found] = findings
    return found


def verdict(findings: Iterator[Finding]) -> Verdict:
    found = only(findings)
    bad = found.verdict is not Verdict.OK
    assert (bool(found.why), bool(found.repair)) == (bad, bad), found
    return found.verdict


def setting(scene: Scene, path: str, text: str) -> None:
    file = scene.machine / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def at(scene: Scene, endpoint: Endpoint) -> Scene:
    return Scene(scene.environ, scene.directory, scene.now_s, endpoint, scene.machine)


def test_few_open_files_are_a_warning(scene: Scene) -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (512, before[1]))
        assert verdict(machine.open_files(scene)) is Verdict.WARNING
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(2048, before[1]), before[1]))
        assert verdict(machine.open_files(scene)) is Verdict.OK
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_store_that_was_written_in_the_future_is_a_warning(scene: Scene) -> None:
    assert verdict(machine.clock(scene)) is Verdict.OK
    scene.state.mkdir(parents=True)
    (scene.state / "domed.sqlite").touch()
    os.utime(scene.state / "domed.sqlite", (NOW_S - 5, NOW_S - 5))
    assert verdict(machine.clock(scene)) is Verdict.OK
    os.utime(scene.state / "domed.sqlite", (NOW_S + 3600, NOW_S + 3600))
    assert verdict(machine.clock(scene)) is Verdict.WARNING


@pytest.mark.parametrize(
    ("path", "text", "repair"),
    [
        ("proc/sys/user/max_user_namespaces", "0", "max_user_namespaces"),
        ("proc/sys/kernel/unprivileged_userns_clone", "0", "unprivileged_userns_clone"),
    ],
)
def test_a_kernel_that_forbids_namespaces_is_a_warning(scene: Scene, path: str, text: str, repair: str) -> None:
    assert verdict(machine.user_namespaces(scene)) is Verdict.OK
    setting(scene, path, text)
    assert verdict(machine.user_namespaces(scene)) is Verdict.WARNING
    assert repair in only(machine.user_namespaces(scene)).repair


def test_a_kernel_without_landlock_is_a_warning(scene: Scene) -> None:
    assert verdict(machine.landlock(scene)) is Verdict.OK
    setting(scene, "sys/kernel/security/lsm", "capability,landlock,yama\n")
    assert verdict(machine.landlock(scene)) is Verdict.OK
    setting(scene, "sys/kernel/security/lsm", "capability,yama\n")
    assert verdict(machine.landlock(scene)) is Verdict.WARNING


def test_an_environment_without_pytest_is_a_warning(scene: Scene) -> None:
    assert list(programs.pytest(scene)) == []
    (scene.directory / ".venv" / "bin").mkdir(parents=True)
    (scene.directory / ".venv" / "bin" / "python").touch()
    assert verdict(programs.pytest(scene)) is Verdict.WARNING
    installed = scene.directory / ".venv" / "lib" / "python3.12" / "site-packages" / "pytest"
    installed.mkdir(parents=True)
    (installed / "__init__.py").touch()
    assert verdict(programs.pytest(scene)) is Verdict.OK


def test_programs_are_looked_for_where_the_daemon_looks(scene: Scene) -> None:
    for findings in (programs.git(scene), machine.bubblewrap(scene)):
        assert verdict(findings) in {Verdict.OK, Verdict.WARNING}
    for findings in (programs.chromium(scene), programs.codex(scene)):
        assert all(bool(found.repair) is (found.verdict is not Verdict.OK) for found in findings)


@pytest.mark.parametrize(("kind", "said"), [("ext4", "ok"), ("nfs4", "problem"), ("tmpfs", "warning")])
def test_the_file_system_of_the_state_matters(scene: Scene, kind: str, said: str) -> None:
    root = scene.machine.parent.resolve()
    setting(scene, "proc/self/mounts", f"dev / ext4 rw 0 0\ndev {root} xfs rw 0 0\nother {root} {kind} rw 0 0\n")
    assert verdict(places.state(scene)) == said


def test_room_on_the_disk_is_looked_at(scene: Scene) -> None:
    for free_bytes, said in ((10_000_000, "problem"), (500_000_000, "warning"), (5_000_000_000, "ok")):
        assert verdict(iter([places.room(free_bytes, scene.directory)])) == said
    assert "MiB are free" in only(places.space(scene)).what


def test_secrets_that_others_read_are_told(scene: Scene) -> None:
    directory = scene.configuration / "secrets"
    assert list(places.secrets(scene)) == []
    directory.mkdir(parents=True, mode=0o755)
    directory.chmod(0o755)
    assert verdict(places.secrets(scene)) is Verdict.PROBLEM
    directory.chmod(0o700)
    (directory / "key").write_text("x")
    (directory / "key").chmod(0o644)
    [own, key] = places.secrets(scene)
    assert (own.verdict, key.verdict, key.repair) == (Verdict.OK, Verdict.WARNING, f"`chmod 600 {directory / 'key'}`")


def header(version: int) -> bytes:
    return b"SQLite format 3\0".ljust(60, b"\0") + version.to_bytes(4) + bytes(36)


def test_a_newer_store_is_a_problem_and_an_older_one_is_not(scene: Scene) -> None:
    assert "none yet" in only(store.version(scene)).what
    scene.state.mkdir(parents=True)
    file = scene.state / "domed.sqlite"
    package = daemon_package()
    assert package is not None
    known = len(list((package / "store" / "migrations").glob("*.sql")))
    for version, said in ((known, "ok"), (1, "ok"), (known + 1, "problem")):
        file.write_bytes(header(version))
        assert verdict(store.version(scene)) == said
    file.write_bytes(b"something else")
    assert verdict(store.version(scene)) is Verdict.PROBLEM


def test_a_store_whose_last_writes_lie_beside_it_is_not_called_old(scene: Scene) -> None:
    scene.state.mkdir(parents=True)
    (scene.state / "domed.sqlite").write_bytes(header(0))
    assert "the next daemon brings it" in only(store.version(scene)).what
    (scene.state / "domed.sqlite-wal").write_bytes(b"written")
    assert "schema version 0 or later" in only(store.version(scene)).what


def test_a_lock_that_nobody_holds_is_no_other_instance(scene: Scene) -> None:
    assert verdict(store.instance(scene)) is Verdict.OK
    scene.state.mkdir(parents=True)
    (scene.state / "lock").write_text(f"{os.getpid()}\n/elsewhere/domed.sock\n")
    assert verdict(store.instance(scene)) is Verdict.OK, "this process is no daemon"


def test_a_socket_in_the_state_directory_is_a_warning(scene: Scene, tmp_path: Path) -> None:
    assert verdict(doors.endpoint(scene)) is Verdict.OK
    stripped = {name: value for name, value in scene.environ.items() if name != "XDG_RUNTIME_DIR"}
    where = resolve(None, stripped, user_runtime_root=tmp_path)
    assert verdict(doors.endpoint(at(scene, where))) is Verdict.WARNING


def test_an_announcement_that_others_read_is_a_problem(scene: Scene) -> None:
    assert list(doors.loopback(scene)) == []
    file = scene.state / "loopback" / "endpoint"
    file.parent.mkdir(parents=True)
    file.write_text("tcp://127.0.0.1:7000\nabc\n")
    file.chmod(0o600)
    assert verdict(doors.loopback(scene)) is Verdict.OK
    with file.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert "tcp://127.0.0.1:7000" in only(doors.loopback(scene)).what
        file.chmod(0o644)
        assert verdict(doors.loopback(scene)) is Verdict.PROBLEM
        assert f"rm {file}" in only(doors.loopback(scene)).repair


@pytest.fixture
def as_another(request: pytest.FixtureRequest) -> Iterator[None]:
    """This process as a user who owns nothing here."""
    if os.getuid() != 0:
        pytest.skip("only root can become somebody else: run the tests as root in a container")
    before = os.geteuid()
    os.seteuid(4242)
    try:
        yield
    finally:
        os.seteuid(before)


@pytest.mark.parametrize(("variable", "word"), [("1", "codex sandbox"), ("", "belongs to another user")])
def test_a_door_that_may_not_be_opened_is_explained(
    scene: Scene, short_directory: Path, request: pytest.FixtureRequest, variable: str, word: str
) -> None:
    path = short_directory / "s"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        path.chmod(0o600)
        short_directory.chmod(0o755)
        environ = {**scene.environ, "CODEX_SANDBOX_NETWORK_DISABLED": variable}
        there = Scene(environ, scene.directory, NOW_S, Endpoint(str(path), source="a test", explicit=True))
        assert list(doors.sandbox(there)) == []
        request.getfixturevalue("as_another")
        found = only(doors.sandbox(there))
    assert (found.verdict, word in found.what + found.repair) == (Verdict.PROBLEM, True)


def write_units(scene: Scene, *, change: Callable[[str], str] = str) -> None:
    for file in planned_files(scene.environ):
        file.path.parent.mkdir(parents=True, exist_ok=True)
        file.path.write_text(change(file.text))


def test_a_service_that_is_not_installed_is_no_fault(scene: Scene) -> None:
    assert verdict(unit.service(scene)) is Verdict.OK
    assert list(unit.linger(scene)) == []


def test_a_service_whose_interpreter_is_gone_is_a_problem(scene: Scene) -> None:
    write_units(scene)
    assert verdict(unit.service(scene)) is Verdict.OK
    write_units(scene, change=lambda text: text.replace('ExecStart="', 'ExecStart="/no/such'))
    found = only(unit.service(scene))
    assert (found.verdict, "is not there" in found.what, "dome service install" in found.repair) == (
        Verdict.PROBLEM, True, True,
    )  # fmt: skip


def test_a_service_whose_interpreter_has_no_daemon_is_a_problem(scene: Scene) -> None:
    bare = scene.machine.parent / "python"
    bare.write_text("#!/bin/sh\necho no module named domed >&2\nexit 1\n")
    bare.chmod(0o755)
    write_units(scene, change=lambda text: text.replace(f'ExecStart="{sys.executable}"', f'ExecStart="{bare}"'))
    found = only(unit.service(scene))
    assert (found.verdict, "no module named domed" in found.what) == (Verdict.PROBLEM, True)


def test_a_service_of_another_version_is_a_warning(scene: Scene) -> None:
    write_units(scene, change=lambda text: text.replace("KillMode=mixed", "KillMode=process"))
    assert verdict(unit.service(scene)) is Verdict.WARNING


def test_whether_the_service_stays_after_the_logout_is_said(scene: Scene) -> None:
    write_units(scene)
    assert "ends with your last login" in only(unit.linger(scene)).what
    setting(scene, "var/lib/systemd/linger/me", "")
    assert "stays" in only(unit.linger(scene)).what


def test_what_does_not_hold_tools_is_a_warning_with_its_repair() -> None:
    assert verdict(daemon.effects(["effects.filesystem", "effects.network", "job.locks"])) is Verdict.OK
    found = only(daemon.effects(["effects.filesystem"]))
    assert (found.verdict, "network" in found.what, "files" in found.what) == (Verdict.WARNING, True, False)


def test_runs_that_no_group_holds_are_a_warning() -> None:
    assert verdict(daemon.runs(["limits.run_memory", "limits.run_processes", "run.group"])) is Verdict.OK
    assert verdict(daemon.runs(["limits.run_processes"])) is Verdict.WARNING
