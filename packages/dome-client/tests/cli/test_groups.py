import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dome_client.cli import groups, main
from dome_contracts.exit_codes import Exit


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"XDG_CACHE_HOME": str(tmp_path / "cache")}


def cache_in(tmp_path: Path) -> Path:
    """The one file of this installation."""
    (cache,) = (tmp_path / "cache" / "dome").iterdir()
    return cache


def test_each_installation_has_a_file_of_its_own(
    environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups.installed(environ)
    monkeypatch.setattr(sys, "prefix", "/opt/another")
    groups.installed(environ)
    assert len(list((tmp_path / "cache" / "dome").iterdir())) == 2


def distribution(directory: Path, name: str, target: str) -> None:
    """A distribution on the import path that registers a group."""
    info = directory / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[dome.commands]\n{name} = {target}\n")


def test_the_group_of_the_spec_plane_is_found(environ: dict[str, str]) -> None:
    assert ("contracts", "dome_spec.commands.contracts:register") in groups.installed(environ)


def test_what_was_found_is_remembered_until_something_is_installed(
    environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    distribution(site, "first", "a:register")
    monkeypatch.setattr(sys, "path", [str(site)])
    assert groups.installed(environ) == [("first", "a:register")]
    cache = cache_in(tmp_path)
    known = json.loads(cache.read_text())
    cache.write_text(json.dumps(known | {"groups": [["remembered", "b:register"]]}))
    assert groups.installed(environ) == [("remembered", "b:register")]
    distribution(site, "second", "c:register")
    assert groups.installed(environ) == [("first", "a:register"), ("second", "c:register")]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"key": 1}', '{"groups": 5, "key": []}', "\x00"])
def test_a_broken_cache_is_written_anew(environ: dict[str, str], tmp_path: Path, content: str) -> None:
    groups.installed(environ)
    cache = cache_in(tmp_path)
    cache.write_text(content)
    found = groups.installed(environ)
    assert found
    assert [tuple(each) for each in json.loads(cache.read_text())["groups"]] == list(found)


def test_a_home_that_cannot_be_written_to_costs_only_the_cache(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert groups.installed({"XDG_CACHE_HOME": str(tmp_path / "file")})
    assert groups.installed({})


@pytest.fixture
def group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Installs a group of this name, whose module holds this code."""

    def install(name: str, code: str) -> None:
        site = tmp_path / name
        distribution(site, name, f"group_{name}:register")
        (site / f"group_{name}.py").write_text(code)
        monkeypatch.syspath_prepend(str(site))

    return install


GOOD = """
def register(cli, runtime):
    cli.add_parser("good").set_defaults(run=lambda arguments: 7)
"""
FAULTY = """
def register(cli, runtime):
    cli.add_parser("faulty").set_defaults(run=lambda arguments: {}["a key"])
"""


@pytest.mark.parametrize("code", ["import no_such_module", "def register(", "register = None", "1 / 0"])
def test_a_group_that_cannot_be_loaded_is_named_and_the_others_work(
    environ: dict[str, str], group: Callable[[str, str], None], capfdbinary: pytest.CaptureFixture[bytes], code: str
) -> None:
    group("broken", code)
    group("good", GOOD)
    assert main.run(["good"], environ) == 7
    assert b"the group 'broken' (group_broken:register) cannot be loaded" in capfdbinary.readouterr().err


def test_a_defect_is_told_in_full_and_has_a_code_of_its_own(
    environ: dict[str, str], group: Callable[[str, str], None], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    group("faulty", FAULTY)
    assert main.run(["faulty"], environ) == Exit.COMMAND_FAILED
    out, err = capfdbinary.readouterr()
    assert (out, b"KeyError: 'a key'" in err) == (b"", True)
