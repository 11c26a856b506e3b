import asyncio
from pathlib import Path

import pytest

from dome_client.doctor import ASKED, LOOKS, Check, Verdict, examine


@pytest.fixture
def environ(short_directory: Path) -> dict[str, str]:
    (short_directory / "run").mkdir()
    places = {"XDG_RUNTIME_DIR": "run", "XDG_STATE_HOME": "state", "XDG_CONFIG_HOME": "config", "HOME": "home"}
    return {name: str(short_directory / place) for name, place in places.items()}


async def checks(environ: dict[str, str], *, endpoint: str | None = None) -> dict[str, Check]:
    return {check.name: check for check in await examine(endpoint, environ, directory="/")}


async def test_nothing_to_repair_where_the_daemon_only_does_not_run_yet(environ: dict[str, str]) -> None:
    found = await checks(environ)
    assert [check for check in found.values() if check.verdict is Verdict.PROBLEM] == []
    assert "started when it is needed" in found["daemon"].what


async def test_a_named_endpoint_without_a_daemon_is_a_problem(environ: dict[str, str], short_directory: Path) -> None:
    found = await checks(environ, endpoint=str(short_directory / "s"))
    assert found["daemon"].verdict is Verdict.PROBLEM


async def test_an_endpoint_that_is_none_is_a_problem(environ: dict[str, str]) -> None:
    found = await checks({**environ, "DOMED_ENDPOINT": "tcp:192.0.2.1:1"})
    assert found["endpoint"].verdict is Verdict.PROBLEM
    assert "DOMED_ENDPOINT" in found["endpoint"].what


async def test_directories_that_others_may_enter_are_said_with_their_repair(
    environ: dict[str, str], short_directory: Path
) -> None:
    for directory in (short_directory / "state" / "dome", short_directory / "run" / "dome"):
        directory.mkdir(parents=True)
        directory.chmod(0o755)
    found = await checks(environ)
    for name in ("state privacy", "socket directory"):
        assert found[name].verdict is Verdict.PROBLEM
        assert "chmod 700" in found[name].repair


async def test_every_bad_verdict_says_why_and_what_to_do(environ: dict[str, str], short_directory: Path) -> None:
    (short_directory / "state" / "dome").mkdir(parents=True, mode=0o755)
    for check in (await checks(environ, endpoint=str(short_directory / "s"))).values():
        assert bool(check.repair) is (check.verdict is not Verdict.OK)
        assert bool(check.why) is (check.verdict is not Verdict.OK)


async def test_something_that_answers_and_is_no_daemon_is_a_problem(
    environ: dict[str, str], short_directory: Path
) -> None:

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()
        await writer.wait_closed()

    path = str(short_directory / "s")
    server = await asyncio.start_unix_server(hang_up, path)
    async with server:
        found = await checks(environ, endpoint=path)
    assert found["daemon"].verdict is Verdict.PROBLEM


async def test_a_socket_directory_that_is_a_link_is_a_problem(environ: dict[str, str], short_directory: Path) -> None:
    (short_directory / "elsewhere").mkdir(mode=0o700)
    (short_directory / "run" / "dome").symlink_to(short_directory / "elsewhere")
    found = (await checks(environ))["socket directory"]
    assert (found.verdict, "symbolic link" in found.what) == (Verdict.PROBLEM, True)


async def test_a_file_in_the_place_of_the_socket_is_a_problem(environ: dict[str, str], short_directory: Path) -> None:
    (short_directory / "run" / "dome").mkdir(mode=0o700)
    (short_directory / "run" / "dome" / "domed.sock").write_text("")
    assert (await checks(environ))["socket"].verdict is Verdict.PROBLEM


async def test_why_the_last_daemon_did_not_start_is_said_until_one_does(
    environ: dict[str, str], short_directory: Path
) -> None:
    (short_directory / "state" / "dome").mkdir(parents=True, mode=0o700)
    log = short_directory / "state" / "dome" / "domed.log"
    log.write_text("domed: older\ndomed: domed.toml: is not TOML\n")
    found = (await checks(environ))["daemon"]
    assert (found.verdict, found.what.endswith(": domed.toml: is not TOML")) == (Verdict.WARNING, True)
    log.write_text("domed: domed.toml: is not TOML\nlevel=info message=started\n")
    assert (await checks(environ))["daemon"].verdict is Verdict.OK


async def test_every_check_stands_in_the_table_and_everything_is_looked_at_without_a_daemon(
    environ: dict[str, str],
) -> None:
    found = await checks(environ)
    table = {name for name, _ in LOOKS} | set(ASKED)
    assert found.keys() <= table
    assert {"client", "clock", "git", "state", "space", "store", "instance", "configuration", "service"} <= found.keys()


async def test_an_endpoint_that_cannot_be_used_keeps_nothing_else_from_being_looked_at(environ: dict[str, str]) -> None:
    found = await checks(environ, endpoint="relative")
    assert found["endpoint"].verdict is Verdict.PROBLEM
    assert {"git", "state", "store", "configuration"} <= found.keys()
    assert "daemon" not in found


async def test_a_configuration_that_is_wrong_is_told_by_the_daemon_itself(
    environ: dict[str, str], short_directory: Path
) -> None:
    file = short_directory / "config" / "dome" / "domed.toml"
    file.parent.mkdir(parents=True)
    file.write_text("[jobs]\nparallel_max = 0\n")
    found = (await checks(environ))["configuration"]
    assert (found.verdict, "/jobs/parallel_max" in found.what) == (Verdict.PROBLEM, True)
    file.write_text("[jobs]\nparallel_max = 1\n")
    file.chmod(0o664)
    found = (await checks(environ))["configuration"]
    assert (found.verdict, f"chmod go-w {file}" in found.repair) == (Verdict.WARNING, True)
    file.chmod(0o600)
    assert (await checks(environ))["configuration"].verdict is Verdict.OK
