"""Client and daemon find the same socket and the same state directory, each by its own reading of one rule."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dome_client.endpoint import announcement, resolve, state_directory
from dome_client.loopback import check_address, read_announcement, split_address
from domed.clock import SystemClock, SystemIds
from domed.config import Config, ConfigError
from domed.config.loopback import LoopbackAddress
from domed.host.loopback import loopback_door

VARIABLES = ("HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME")
VALUES = st.sampled_from(["", "relative", "/", "/a", "/a/b/", "/a//b", "/a/../b", "/with space"])


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(environ=st.dictionaries(st.sampled_from(VARIABLES), VALUES), has_user_directory=st.booleans())
def test_they_agree_for_every_environment(tmp_path: Path, environ: Mapping[str, str], has_user_directory: bool) -> None:
    # Where no file can be: the rule is about names, and a configuration file would be the daemon's alone.
    environ = {**environ, "XDG_CONFIG_HOME": str(tmp_path / "none")}
    user_directory = tmp_path / str(os.getuid())
    if has_user_directory:
        user_directory.mkdir(exist_ok=True)
    elif user_directory.exists():
        user_directory.rmdir()
    config = Config.from_env(environ, user_runtime_root=tmp_path)
    endpoint = resolve(None, environ, user_runtime_root=tmp_path)
    assert os.path.normpath(endpoint.path) == os.path.normpath(config.socket_path)
    assert os.path.normpath(state_directory(environ)) == os.path.normpath(config.state_directory)


@pytest.mark.parametrize("variable", VARIABLES)
def test_each_variable_matters_to_both(tmp_path: Path, variable: str) -> None:
    environ = {"HOME": "/me", "XDG_CONFIG_HOME": str(tmp_path)}
    changed = environ | {variable: "/changed"}
    sockets = [str(Config.from_env(known, user_runtime_root=tmp_path).socket_path) for known in (environ, changed)]
    found = [resolve(None, known, user_runtime_root=tmp_path).path for known in (environ, changed)]
    assert sockets == found
    assert found[0] != found[1]


def test_what_the_daemon_announces_of_its_tcp_endpoint_is_what_a_client_reads(tmp_path: Path) -> None:
    environ = {"HOME": "/me", "XDG_CONFIG_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    config = Config.from_env(environ, tcp="127.0.0.1:0", user_runtime_root=tmp_path)
    config.state_directory.mkdir(parents=True, mode=0o700)
    token = SystemIds(SystemClock()).new_token()
    with loopback_door(config.tcp, config.loopback_directory) as door:
        assert door is not None
        assert read_announcement(announcement(environ)) is None
        door.announce(token)
        found = read_announcement(announcement(environ))
        assert found is not None
        assert (found.endpoint, found.token) == (f"tcp://{door.address}", token)
        door.withdraw()
        assert read_announcement(announcement(environ)) is None


@given(
    text=st.one_of(
        st.from_regex(r"(127\.0\.0\.1|\[::1\]|localhost|0\.0\.0\.0|::1):[0-9]{1,6}", fullmatch=True), st.text()
    )
)
def test_an_address_that_the_daemon_listens_on_is_one_that_a_client_takes(text: str) -> None:
    try:
        address = LoopbackAddress.parse(text)
    except ConfigError:
        return
    if address.port:
        assert split_address(check_address(f"tcp://{address}", "a test")) == (address.host, address.port)
