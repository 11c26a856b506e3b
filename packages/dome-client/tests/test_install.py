"""When the daemon is made a service and when not. With a real manager: `test_dome_service` of the end-to-end tests."""

import plistlib
import sys
from pathlib import Path
from typing import Any

import pytest

from dome_client.client import Client
from dome_client.connection import connect
from dome_client.service import InstallFailed, install, planned_files, uninstall


@pytest.fixture
def environ(short_directory: Path) -> dict[str, str]:
    (short_directory / "run").mkdir()
    return {"HOME": str(short_directory), "XDG_RUNTIME_DIR": str(short_directory / "run")}


def client(environ: dict[str, str], endpoint: str | None = None) -> Client:
    return connect(endpoint, environ=environ, start_on_demand=False)


def files_below(environ: dict[str, str]) -> list[Path]:
    return [path for path in Path(environ["HOME"]).rglob("*") if path.is_file()]


def loaded(agent: Path) -> dict[str, Any]:
    """The file as launchd reads it."""
    read: dict[str, Any] = plistlib.loads(agent.read_bytes())
    return read


async def test_without_a_service_manager_nothing_is_written_and_the_reason_is_said(environ: dict[str, str]) -> None:
    async with client(environ) as dome:
        with pytest.raises(InstallFailed, match="no service manager to install it in") as refused:
            await install(dome, environ)
    assert "the first command starts a daemon" in refused.value.remedy
    assert files_below(environ) == []


async def test_a_daemon_that_somebody_named_is_not_made_a_service(environ: dict[str, str]) -> None:
    async with client(environ, "unix:/elsewhere.sock") as dome:
        with pytest.raises(InstallFailed, match="the argument names"):
            await install(dome, environ)
        with pytest.raises(InstallFailed, match="the argument names"):
            await uninstall(dome.endpoint, environ)


@pytest.fixture
def own(environ: dict[str, str]) -> Path:
    """A unit that the user wrote."""
    path = Path(environ["HOME"], ".config/systemd/user/domed.service")
    path.parent.mkdir(parents=True)
    path.write_text("[Service]\nExecStart=/usr/bin/env domed\n")
    return path


async def test_a_unit_of_the_user_is_neither_replaced_nor_removed(environ: dict[str, str], own: Path) -> None:
    async with client(environ) as dome:
        with pytest.raises(InstallFailed, match="was not written by"):
            await install(dome, environ)
        with pytest.raises(InstallFailed, match="was not written by"):
            await uninstall(dome.endpoint, environ)
    assert files_below(environ) == [own]


async def test_an_interpreter_without_a_daemon_is_refused(environ: dict[str, str]) -> None:
    async with client(environ) as dome:
        with pytest.raises(InstallFailed, match="does not work"):
            await install(dome, environ, interpreter="/bin/false")
    assert files_below(environ) == []


@pytest.mark.parametrize("path", ['/a"b/python', "/a'b/python", "/a\\b/python", "/a\nb/python", "/$a/python"])
def test_a_program_that_systemd_would_not_start_is_refused(environ: dict[str, str], path: str) -> None:
    with pytest.raises(InstallFailed, match="systemd starts no program with"):
        planned_files(environ, interpreter=path)


async def test_to_uninstall_what_is_not_installed_is_no_failure(environ: dict[str, str]) -> None:
    async with client(environ) as dome:
        done = await uninstall(dome.endpoint, environ)
    assert (done.files, done.steps) == ((), ("The service is not installed.",))


async def test_on_macos_the_agent_is_written_and_removed_and_launchd_is_left_to_the_user(
    environ: dict[str, str],
) -> None:
    agent = Path(environ["HOME"], "Library/LaunchAgents/dev.dome.domed.plist")
    async with client(environ) as dome:
        done = await install(dome, environ, platform="darwin")
        assert done.files == (agent,)
        assert f"launchctl bootstrap gui/$(id -u) {agent}" in done.steps[-1]
        assert loaded(agent)["ProgramArguments"][0] == sys.executable
        assert (await install(dome, environ, platform="darwin")).files == ()
        gone = await uninstall(dome.endpoint, environ, platform="darwin")
    assert gone.files == (agent,)
    assert "launchctl bootout" in gone.steps[0]
    assert files_below(environ) == []


def test_the_plan_names_the_interpreter_of_this_client(environ: dict[str, str]) -> None:
    socket, service = planned_files(environ)
    assert (socket.path.name, service.path.name) == ("domed.socket", "domed.service")
    assert f'ExecStart="{sys.executable}" -P -m domed' in service.text
