import os
from pathlib import Path

import pytest

from dome_client.endpoint import resolve, state_directory
from dome_client.errors import EndpointInvalid


@pytest.mark.parametrize("named", ["unix:/a/b", "unix:///a/b", "/a/b"])
def test_a_socket_may_be_named_as_uri_or_as_path(named: str) -> None:
    assert resolve(named, {}).path == "/a/b"


def test_the_argument_goes_before_the_variable_and_the_variable_before_the_socket(tmp_path: Path) -> None:
    environ = {"DOMED_ENDPOINT": "unix:/variable", "XDG_RUNTIME_DIR": "/runtime"}
    by_argument, by_variable = resolve("/argument", environ), resolve(None, environ)
    by_directory = resolve(None, {"XDG_RUNTIME_DIR": "/runtime"})
    assert [each.path for each in (by_argument, by_variable)] == ["/argument", "/variable"]
    assert by_directory.path == "/runtime/dome/domed.sock"
    assert [each.explicit for each in (by_argument, by_variable, by_directory)] == [True, True, False]


def test_a_stripped_environment_finds_the_runtime_directory_of_the_user(tmp_path: Path) -> None:
    (tmp_path / str(os.getuid())).mkdir()
    found = resolve(None, {"HOME": "/home/me"}, user_runtime_root=tmp_path)
    assert found.path == f"{tmp_path}/{os.getuid()}/dome/domed.sock"


def test_without_any_runtime_directory_the_socket_is_in_the_private_state_directory(tmp_path: Path) -> None:
    found = resolve(None, {"HOME": "/home/me", "XDG_RUNTIME_DIR": "relative"}, user_runtime_root=tmp_path / "none")
    assert found.path == "/home/me/.local/state/dome/run/domed.sock"
    assert found.source == "the state directory"


def test_the_state_directory_follows_the_base_directories() -> None:
    assert state_directory({"XDG_STATE_HOME": "/state"}) == Path("/state/dome")
    assert state_directory({"XDG_STATE_HOME": "relative", "HOME": "/me"}) == Path("/me/.local/state/dome")


@pytest.mark.parametrize(
    ("named", "word"),
    [
        ("tcp:192.0.2.1:7000", "this machine only"),
        ("relative/path", "absolute"),
        ("http://x", "absolute"),
        ("unix:", "absolute"),
        ("/" + "x" * 107, "107 bytes"),
    ],
)
def test_an_unusable_endpoint_says_what_is_wrong_with_it(named: str, word: str) -> None:
    with pytest.raises(EndpointInvalid, match=word):
        resolve(named, {})
    with pytest.raises(EndpointInvalid, match="DOMED_ENDPOINT"):
        resolve(None, {"DOMED_ENDPOINT": named})
