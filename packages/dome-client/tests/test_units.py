"""What stands in the files of the service. Their life with a real manager is among the end-to-end tests."""

import os
import plistlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dome_client.endpoint import resolve
from dome_client.service import ALLOCATOR, look_at_unit, units
from dome_client.service.units import UnitFile, template_root, unit_files

ODD = "a b/%n/%%"
SOCKET = """\
[Unit]
Description=Socket of the Dome daemon
[Socket]
ListenStream=%t/dome/domed.sock
SocketMode=0600
DirectoryMode=0700
RemoveOnStop=yes
[Install]
WantedBy=sockets.target"""
SERVICE = """\
[Unit]
Description=Dome daemon: runs tools as durable jobs
Requires=domed.socket
After=domed.socket
[Service]
Type=notify
NotifyAccess=main
ExecStart="/opt/dome/bin/python" -P -m domed
Environment="XDG_STATE_HOME=/srv/state"
Environment=MALLOC_MMAP_THRESHOLD_=1048576
UnsetEnvironment=PYTHONPATH PYTHONHOME PYTHONSTARTUP
WorkingDirectory=/
UMask=0077
Restart=on-failure
RestartSec=1
RestartPreventExitStatus=2 3
WatchdogSec=90
TimeoutAbortSec=10
TimeoutStartSec=90
TimeoutStopSec=90
KillMode=mixed
Delegate=yes
Environment=DOMED_CONTROL_GROUP=own
OOMPolicy=continue
LimitNOFILE=16384:524288
[Install]
Also=domed.socket"""
PLIST = {
    "Label": "dev.dome.domed",
    "ProgramArguments": ["/opt/dome/bin/python", "-P", "-m", "domed"],
    "EnvironmentVariables": {"XDG_STATE_HOME": "/srv/state"},
    "WorkingDirectory": "/",
    "Umask": 0o077,
    "RunAtLoad": True,
    "KeepAlive": {"SuccessfulExit": False},
    "ExitTimeOut": 90,
    "StandardErrorPath": "/srv/state/dome/domed.log",
}


def made(
    environ: dict[str, str], *, interpreter: str = "/opt/dome/bin/python", for_launchd: bool = False
) -> list[UnitFile]:
    templates = template_root()
    assert templates is not None
    return list(unit_files(templates, environ, interpreter=interpreter, for_launchd=for_launchd))


def directives(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if line and not line.startswith("#"))


def test_the_units_are_these_and_lie_where_the_user_keeps_units() -> None:
    socket, service = made({"HOME": "/home/me", "XDG_STATE_HOME": "/srv/state", "XDG_CACHE_HOME": "relative"})
    assert directives(socket.text) == SOCKET
    assert directives(service.text) == SERVICE
    assert socket.path == Path("/home/me/.config/systemd/user/domed.socket")
    assert service.path == Path("/home/me/.config/systemd/user/domed.service")
    moved, _ = made({"HOME": "/home/me", "XDG_CONFIG_HOME": "/srv/config"})
    assert moved.path == Path("/srv/config/systemd/user/domed.socket")


def test_the_agent_of_launchd_is_this_one() -> None:
    (agent,) = made({"HOME": "/Users/me", "XDG_STATE_HOME": "/srv/state"}, for_launchd=True)
    assert plistlib.loads(agent.text.encode()) == PLIST
    assert agent.path == Path("/Users/me/Library/LaunchAgents/dev.dome.domed.plist")


INHERITED = (
    "LockPersonality", "MemoryDenyWriteExecute", "MemoryHigh", "MemoryMax", "NoNewPrivileges", "PrivateUsers",
    "RestrictAddressFamilies", "RestrictNamespaces", "RestrictSUIDSGID", "SystemCallFilter",
)  # fmt: skip
"""What every tool would inherit."""


def test_the_service_takes_nothing_from_tools() -> None:
    _, service = made({"HOME": "/h"})
    set_ = {line.partition("=")[0] for line in directives(service.text).splitlines()}
    assert set_.isdisjoint(INHERITED)


LAUNCHD_KEYS = {
    "Label": str, "ProgramArguments": list, "EnvironmentVariables": dict, "WorkingDirectory": str, "Umask": int,
    "RunAtLoad": bool, "KeepAlive": dict, "ExitTimeOut": int, "StandardErrorPath": str,
}  # fmt: skip
"""Those of launchd.plist(5) that are used, with their types."""


def test_the_agent_has_keys_that_launchd_knows_with_values_that_it_takes() -> None:
    (agent,) = made({"HOME": "/Users/me", "XDG_CONFIG_HOME": "/srv/config"}, for_launchd=True)
    read = plistlib.loads(agent.text.encode())
    assert {name: type(value) for name, value in read.items()} == LAUNCHD_KEYS
    assert read["Label"] == agent.path.stem
    assert list(read["KeepAlive"]) == ["SuccessfulExit"]
    assert all(isinstance(value, str) for value in (*read["ProgramArguments"], *read["EnvironmentVariables"].values()))
    # launchd expands neither `~` nor variables.
    paths = [read["ProgramArguments"][0], read["WorkingDirectory"], read["StandardErrorPath"]]
    assert all(path.startswith("/") for path in (*paths, *read["EnvironmentVariables"].values()))
    assert plistlib.loads(plistlib.dumps(read, fmt=plistlib.FMT_BINARY)) == read


def test_what_launchd_reads_is_taken_literally() -> None:
    (agent,) = made({"HOME": "/Users/a & <b>"}, interpreter="/a & <b>/python", for_launchd=True)
    read = plistlib.loads(agent.text.encode())
    assert read["ProgramArguments"][0] == "/a & <b>/python"
    assert read["StandardErrorPath"] == "/Users/a & <b>/.local/state/dome/domed.log"
    assert read["EnvironmentVariables"] == {}


def test_a_value_that_looks_like_a_mark_stays_what_it_is() -> None:
    _, service = made({"HOME": "/h"}, interpreter="/@ENVIRONMENT@/python")
    assert 'ExecStart="/@ENVIRONMENT@/python" -P' in service.text


@pytest.mark.parametrize("folder", ["plain", ODD])
def test_systemd_finds_no_fault_in_the_units(tmp_path: Path, folder: str) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("the units are not verified; missing: systemd-analyze (Debian: apt install systemd)")
    interpreter = tmp_path / folder / "python"
    interpreter.parent.mkdir(parents=True)
    interpreter.symlink_to(sys.executable)
    environ = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / folder) + '/"quoted"\\$HOME'}
    assert verified(made(environ, interpreter=str(interpreter)), tmp_path) == (0, "")
    interpreter.unlink()
    code, said = verified(made(environ, interpreter=str(interpreter)), tmp_path)
    assert code != 0, "it looks at the program that is started"
    assert "is not executable" in said


def verified(files: list[UnitFile], runtime_root: Path) -> tuple[int, str]:
    for file in files:
        file.path.parent.mkdir(parents=True, exist_ok=True)
        file.path.write_text(file.text)
    done = subprocess.run(
        ["systemd-analyze", "--user", "--man=no", "verify", *(str(file.path) for file in files)],
        env={"PATH": os.environ["PATH"], "HOME": str(runtime_root), "XDG_RUNTIME_DIR": str(runtime_root)},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    return done.returncode, done.stderr


def test_a_unit_of_another_version_is_outdated_and_one_from_another_shell_is_not(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path / "run")}
    socket, service = made(environ | {"XDG_STATE_HOME": "/srv/state"}, interpreter=sys.executable)
    service.path.parent.mkdir(parents=True)
    endpoint = resolve(None, environ)
    lines = service.text.splitlines(keepends=True)
    set_ = [line for line in lines if line.startswith("Environment=") and '"' not in line]
    assert len(set_) > 1
    for left_out, is_outdated in (("", False), *((line, True) for line in set_), ("Delegate=yes\n", True)):
        socket.path.write_text(socket.text)
        service.path.write_text("".join(line for line in lines if line != left_out))
        unit = look_at_unit(environ, endpoint)
        assert unit is not None
        assert (unit.interpreter, unit.is_outdated) == (sys.executable, is_outdated)
    service.path.write_text(service.text.replace('"', "'", 1))
    unit = look_at_unit(environ, endpoint)
    assert unit is not None
    assert unit.interpreter == ""  # nothing can be said of a line whose quotes are open


def test_only_files_of_an_installation_are_its_own(tmp_path: Path) -> None:
    for file in (*made({"HOME": str(tmp_path)}), *made({"HOME": str(tmp_path)}, for_launchd=True)):
        assert not units.is_foreign(file.path)
        file.path.parent.mkdir(parents=True, exist_ok=True)
        file.path.write_text(file.text)
        assert not units.is_foreign(file.path)
        file.path.write_text("[Unit]\n")
        assert units.is_foreign(file.path)


def test_the_files_to_look_at_in_the_repository_are_those_that_ship() -> None:
    root = Path(__file__).parents[3]
    templates = template_root()
    assert templates is not None
    for name in ("systemd", "launchd"):
        link = root / "ops" / name
        assert not os.readlink(link).startswith("/")
        assert link.resolve() == (templates / name).resolve()


def test_a_service_has_the_allocator_of_a_daemon_that_was_started_on_demand() -> None:
    _, service = made({"HOME": "/h"})
    assert all(f"Environment={name}={value}\n" in service.text for name, value in ALLOCATOR.items())
