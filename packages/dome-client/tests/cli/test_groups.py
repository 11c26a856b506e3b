import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest

from dome_client.cli import groups, main
from dome_client.cli.session import Session
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
def group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Installs a group of this name, whose module holds this code."""
    modules = []

    def install(name: str, code: str) -> None:
        site = tmp_path / name
        distribution(site, name, f"group_{name}:register")
        (site / f"group_{name}.py").write_text(code)
        monkeypatch.syspath_prepend(str(site))
        modules.append(f"group_{name}")

    yield install
    for module in modules:
        sys.modules.pop(module, None)


GOOD = """
def register(cli, runtime):
    cli.add_parser("good", help="Do good").set_defaults(run=lambda arguments: 7)
"""
FAULTY = """
def register(cli, runtime):
    cli.add_parser("faulty").set_defaults(run=lambda arguments: {}["a key"])
"""


LINED = """
SUMMARY = "Measure 95% of {name}"
def register(cli, runtime):
    print("loaded {name}")
    cli.add_parser("{name}", help=SUMMARY).set_defaults(run=lambda arguments: 8)
"""
SPEC_PLANE = (
    "artefact", "board", "charter", "contracts", "gate", "memory", "mission", "plan", "promote", "standard",
)  # fmt: skip


def shown_help(environ: dict[str, str], capfd: pytest.CaptureFixture[str], *words: str) -> tuple[str, str]:
    """What the help says, and what was said beside it."""
    with pytest.raises(SystemExit) as left:
        main.run([*words, "--help"], environ)
    assert left.value.code == Exit.OK
    return capfd.readouterr()


UNTOLD = "class Untold(Exception):\n    def __str__(self): raise ValueError('nothing')\nraise Untold"
HALF = "def register(cli, runtime):\n    cli.add_parser('broken', help='50% of it', aliases=['brkn'])\n    1 / 0"
NAMELESS = "SUMMARY = 'Break'\ndef register(cli, runtime): cli.add_parser('other')"
UNPRINTABLE = "def register(cli, runtime): cli.add_parser('broken', help=type('', (), {'__str__': None})())"


@pytest.mark.parametrize(
    "code",
    [
        *("import no_such_module", "def register(", "register = None", "1 / 0", "raise SystemExit('away')"),
        *(UNTOLD, HALF, UNPRINTABLE),
    ],
)
def test_a_group_that_cannot_be_loaded_is_named_and_the_others_work(
    environ: dict[str, str], group: Callable[[str, str], None], capfd: pytest.CaptureFixture[str], code: str
) -> None:
    group("broken", code)
    group("good", GOOD)
    named = "the group 'broken' (group_broken:register) cannot be loaded"
    out, err = shown_help(environ, capfd)
    assert ("good" in out, named in err, "    broken" in out) == (True, True, False)
    for before in ([], ["--json"], ["--endpoint=unix:/nowhere"]):
        assert main.run([*before, "good"], environ) == 7
        assert capfd.readouterr().err == "", "who asks for one group is told nothing of another"
    with pytest.raises(SystemExit) as left:
        main.run(["broken", "at", "work"], environ)
    assert left.value.code == Exit.COMMAND_FAILED
    assert capfd.readouterr().err.count(named) == 1


def test_a_group_that_tells_its_line_and_adds_no_command_of_that_name_is_named(
    environ: dict[str, str], group: Callable[[str, str], None], capfd: pytest.CaptureFixture[str]
) -> None:
    group("broken", NAMELESS)
    with pytest.raises(SystemExit) as left:
        main.run(["broken"], environ)
    assert left.value.code == Exit.COMMAND_FAILED
    assert "cannot be loaded: LookupError: it adds no command of that name" in capfd.readouterr().err


def test_of_two_groups_of_one_name_the_first_works_and_the_other_is_named(
    environ: dict[str, str], group: Callable[[str, str], None], capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    group("good", GOOD)
    group("other", GOOD)
    (tmp_path / "other" / "other-1.0.dist-info" / "entry_points.txt").write_text(
        "[dome.commands]\ngood = group_other:register\n"
    )
    named = "the group 'good' (group_other:register) cannot be loaded"
    assert main.run(["good"], environ) == 7
    assert named in capfd.readouterr().err
    out, err = shown_help(environ, capfd)
    assert ("Do good" in out, named in err) == (True, True)


def test_a_group_that_tells_its_line_is_loaded_when_it_is_named(
    environ: dict[str, str], group: Callable[[str, str], None], capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("first", "second"):
        group(name, LINED.format(name=name))
    out, err = shown_help(environ, capfd)
    assert (" first " in out, "Measure 95% of second" in out, "loaded" in out, err) == (True, True, False, "")
    for before in ([], ["--json"], ["--endpoint=unix:/nowhere"], ["--endpoint", "unix:/nowhere"]):
        assert main.run([*before, "second"], environ) == 8
        assert capfd.readouterr() == ("loaded second\n", "")
    assert main.run(["--endpoint", "first", "second"], environ) == 8, "a value that is the name of a group is none"
    capfd.readouterr()
    with pytest.raises(SystemExit) as left:
        main.run(["secnd"], environ)
    assert (left.value.code, "Similar: second" in capfd.readouterr().err) == (Exit.USAGE, True)


def test_a_line_that_cannot_be_laid_out_is_shown_as_it_was_written(
    environ: dict[str, str], group: Callable[[str, str], None], capfd: pytest.CaptureFixture[str]
) -> None:
    for name, line in (("good", "'100% sure, or %(nothing)s'"), ("better", "'100% sure of %(prog)s'"), ("odd", "5")):
        group(name, GOOD.replace('"good", help="Do good"', f'"{name}", help={line}'))
    out, err = shown_help(environ, capfd)
    assert ("100% sure, or %(nothing)s" in out, "100% sure of %(prog)s" in out, err) == (True, True, "")
    assert "odd                 5" in out


def test_a_group_may_add_other_commands_than_its_name(
    environ: dict[str, str], group: Callable[[str, str], None]
) -> None:
    group("bundle", GOOD)
    assert main.run(["good"], environ) == 7
    with pytest.raises(SystemExit) as left:
        main.run(["bundle"], environ)
    assert left.value.code == Exit.USAGE


def test_a_group_cannot_take_the_name_of_another_command(
    environ: dict[str, str], group: Callable[[str, str], None], capfd: pytest.CaptureFixture[str]
) -> None:
    group("aaa", GOOD.replace('"good", help="Do good"', '"jobs", help="Not those"'))
    out, err = shown_help(environ, capfd)
    assert ("List jobs, newest first" in out, "Not those" in out) == (True, False)
    assert "the group 'aaa' (group_aaa:register) cannot be loaded" in err
    group("jobs", GOOD)
    out, err = shown_help(environ, capfd)
    assert "the group 'jobs' (group_jobs:register) is left out: a command has that name" in err


@pytest.mark.parametrize("before", [[], ["--help"], ["-h"]])
def test_the_help_of_all_names_all_whatever_follows(
    environ: dict[str, str], capfd: pytest.CaptureFixture[str], before: list[str]
) -> None:
    out, _ = shown_help(environ, capfd, *before, *(["jobs"] if before else []))
    assert [name for name in (*groups.BUILT_IN, *SPEC_PLANE) if f"    {name} " not in out] == []


@pytest.mark.parametrize("name", SPEC_PLANE)
def test_a_group_says_the_same_of_itself_before_and_after_it_is_loaded(environ: dict[str, str], name: str) -> None:
    lines = []
    for names in ((), (name,)):
        commands = ArgumentParser().add_subparsers()
        session = Session(environ=environ, out=BytesIO(), err=BytesIO())
        groups.add_all(commands, session, names=names)
        lines.append({each.dest: each.help for each in commands._get_subactions()})
    assert lines[0] == lines[1]


def test_a_defect_is_told_in_full_and_has_a_code_of_its_own(
    environ: dict[str, str], group: Callable[[str, str], None], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    group("faulty", FAULTY)
    assert main.run(["faulty"], environ) == Exit.COMMAND_FAILED
    out, err = capfdbinary.readouterr()
    assert (out, b"KeyError: 'a key'" in err) == (b"", True)
