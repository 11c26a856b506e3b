"""Where the configuration comes from, and what is said of one that cannot be used."""

import os
from dataclasses import fields
from pathlib import Path

import pytest

from domed import config as package
from domed.config import Config, ConfigError
from domed.config import config as module
from domed.config.file import parse
from domed.config.loopback import LoopbackAddress

HOME = {"HOME": "/home/me"}


def made(environ: dict[str, str], tmp_path: Path, **arguments: object) -> Config:
    """Without a runtime directory of the machine's own."""
    return Config.from_env({**HOME, **environ}, user_runtime_root=tmp_path / "none", **arguments)  # type: ignore[arg-type]


def test_xdg_variables_decide_the_paths(tmp_path: Path) -> None:
    config = made({"XDG_RUNTIME_DIR": "/run/x", "XDG_STATE_HOME": "/state", "XDG_CONFIG_HOME": "/conf"}, tmp_path)
    assert config.socket_path == Path("/run/x/dome/domed.sock")
    assert config.state_directory == Path("/state/dome")
    assert config.store_path == Path("/state/dome/domed.sqlite")
    assert config.user_roots[0] == Path("/conf/dome/tools")
    assert config.warnings == ()


def test_relative_xdg_paths_count_as_unset(tmp_path: Path) -> None:
    config = made({"XDG_RUNTIME_DIR": "run", "XDG_STATE_HOME": "state"}, tmp_path)
    assert config.state_directory == Path("/home/me/.local/state/dome")


def test_without_a_runtime_directory_the_users_own_is_taken(tmp_path: Path) -> None:
    (tmp_path / str(os.getuid())).mkdir()
    config = Config.from_env(HOME, user_runtime_root=tmp_path)
    assert config.socket_path == tmp_path / str(os.getuid()) / "dome" / "domed.sock"
    assert config.warnings == ()


def test_without_any_the_socket_is_in_the_state_directory_with_a_warning(tmp_path: Path) -> None:
    config = made({}, tmp_path)
    assert config.socket_path == Path("/home/me/.local/state/dome/run/domed.sock")
    assert "XDG_RUNTIME_DIR is unset" in config.warnings[0]
    assert made({"DOMED_SOCKET": "/x/s"}, tmp_path).warnings == ()


def test_arguments_go_before_variables_and_variables_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "domed.toml"
    file.write_text('[endpoint]\nsocket = "~/from-file"\n')
    file.chmod(0o600)
    environ = {"DOMED_CONFIG": str(file)}
    assert made(environ, tmp_path).socket_path == Path("/home/me/from-file")
    environ["DOMED_SOCKET"] = "/from/variable"
    assert made(environ, tmp_path).socket_path == Path("/from/variable")
    assert made(environ, tmp_path, socket_path=Path("/from/argument")).socket_path == Path("/from/argument")


def test_every_setting_of_the_file_arrives(tmp_path: Path) -> None:
    digest = "sha256:" + "0" * 64
    file = tmp_path / "domed.toml"
    file.write_text(f"""
        [jobs]
        parallel_max = 3
        queued_max = 4
        drain_timeout_s = 5
        grace_s = 6.5
        run_timeout_s = 7
        output_bytes_max = 8
        [messages]
        input_bytes_max = 2048
        [catalog]
        user_roots = ["/a", "~/b"]
        project_roots = ["c"]
        [trust]
        digests = ["{digest}"]
        [log]
        level = "debug"
    """)
    config = made({}, tmp_path, config_path=file)
    assert (config.parallel_jobs_max, config.queued_jobs_max) == (3, 4)
    assert (config.drain_timeout_s, config.grace_s, config.run_timeout_s, config.output_bytes_max) == (5, 6.5, 7, 8)
    assert (config.input_bytes_max, config.message_bytes_max) == (2048, 2048 + 1024 * 1024)
    assert (config.user_roots, config.project_roots) == ((Path("/a"), Path("/home/me/b")), ("c",))
    assert (config.trusted_digests, config.log_level) == (frozenset({digest}), "debug")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"[jobs]\nparallel_max = 0", "/jobs/parallel_max: 0 is less"),
        (b"[jobs]\nparallel = 1", "/jobs: "),
        (b"[trust]\ndigests = ['x']", "/trust/digests/0: "),
        (b"x = ", "is not TOML"),
        (b"\xff", "is not UTF-8 at byte 0"),
        (b"x = 1979-05-27", "x.toml: "),
    ],
)
def test_a_fault_of_the_file_is_said_with_its_place(text: bytes, says: str) -> None:
    with pytest.raises(ConfigError, match=r"x\.toml") as caught:
        parse(text, source="x.toml")
    assert says in str(caught.value)


def test_a_file_that_was_named_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        made({"DOMED_CONFIG": str(tmp_path / "no.toml")}, tmp_path)


def test_a_file_that_others_can_change_is_warned_of(tmp_path: Path) -> None:
    file = tmp_path / "domed.toml"
    file.write_text("")
    file.chmod(0o666)
    assert any("chmod go-w" in warning for warning in made({}, tmp_path, config_path=file).warnings)


def test_programs_get_a_fixed_environment_and_nothing_else(tmp_path: Path) -> None:
    config = made({"PATH": "bin:/opt/bin::/usr/bin", "USER": "me", "SECRET": "x", "LC_ALL": "de_DE.UTF-8"}, tmp_path)
    assert dict(config.child_environment) == {
        "HOME": "/home/me",
        "USER": "me",
        "LOGNAME": "me",
        "PATH": "/opt/bin:/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/sbin:/bin",
        "LANG": "C.UTF-8",
        "LC_ALL": "de_DE.UTF-8",
    }


def test_only_a_socket_meant_for_this_process_is_taken_over(tmp_path: Path) -> None:
    assert made({"LISTEN_FDS": "1", "LISTEN_PID": "1"}, tmp_path).listen_descriptor is None
    assert made({"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}, tmp_path).listen_descriptor == 3
    with pytest.raises(ConfigError, match="exactly one"):
        made({"LISTEN_FDS": "2", "LISTEN_PID": str(os.getpid())}, tmp_path)


def test_each_setting_and_each_variable_is_described() -> None:
    source = Path(module.__file__).read_text()
    for field in fields(Config):
        after = source.split(f"\n    {field.name}: ", 1)[1].splitlines()[1]
        assert after.strip().startswith('"""'), field.name
    body = "".join(file.read_text() for file in Path(package.__path__[0]).glob("*.py"))
    for variable in ("DOMED_CONFIG", "DOMED_SOCKET", "DOMED_STATE_DIRECTORY", "NOTIFY_SOCKET", "JOURNAL_STREAM"):
        assert f'"{variable}"' in body
        assert f"`{variable}`" in (module.__doc__ or "")


def test_tcp_is_off_unless_asked_for_and_the_argument_goes_before_the_file(tmp_path: Path) -> None:
    assert made({}, tmp_path).tcp is None
    file = tmp_path / "domed.toml"
    file.write_text('[endpoint]\ntcp = "127.0.0.1:7000"\n')
    file.chmod(0o600)
    environ = {"DOMED_CONFIG": str(file)}
    assert made(environ, tmp_path).tcp == LoopbackAddress("127.0.0.1", 7000)
    assert str(made(environ, tmp_path, tcp="[::1]:0").tcp) == "[::1]:0"


@pytest.mark.parametrize(
    "text",
    ["0.0.0.0:1", "localhost:1", "[::]:1", "::1:80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:٣"],
)
def test_an_address_that_is_none_on_this_machine_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"loopback|port"):
        made({}, tmp_path, tcp=text)


def test_a_watchdog_counts_when_it_is_meant_for_this_process(tmp_path: Path) -> None:
    assert made({"WATCHDOG_USEC": "90000000"}, tmp_path).watchdog_s == 90
    assert made({"WATCHDOG_USEC": "90000000", "WATCHDOG_PID": str(os.getpid())}, tmp_path).watchdog_s == 90
    for environ in ({}, {"WATCHDOG_USEC": "x"}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "1", "WATCHDOG_PID": "1"}):
        assert made(environ, tmp_path).watchdog_s is None


def test_the_control_group_is_named_in_the_file_and_owned_by_the_managers_word(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path)}
    config = Config.from_env(environ)
    assert (config.control_group, config.owns_control_group) == (None, False)
    assert Config.from_env(environ | {"DOMED_CONTROL_GROUP": "own"}).owns_control_group
    path = tmp_path / "domed.toml"
    path.write_text("[jobs]\ncontrol_group = '/sys/fs/cgroup/mine'\n")
    path.chmod(0o600)
    assert Config.from_env(environ, config_path=path).control_group == Path("/sys/fs/cgroup/mine")
