import json
from argparse import ArgumentParser

import pytest

from dome_contracts.families import FAMILIES
from dome_spec.commands import contracts
from dome_spec.contracts import list_families
from dome_spec.kernel import Runtime


async def no_daemon() -> Runtime:
    raise AssertionError("the group needs no daemon")


def run(*argv: str) -> int:
    parser = ArgumentParser()
    parser.add_argument("--json", action="store_true")
    contracts.register(parser.add_subparsers(), no_daemon)
    arguments = parser.parse_args(["contracts", *argv])
    code = arguments.run(arguments)
    assert isinstance(code, int)
    return code


def test_every_registered_family_is_listed_once_and_ordered() -> None:
    names = [each.family for each in list_families()]
    assert names == sorted({each.family for each in FAMILIES})


def test_the_table_has_a_line_for_each_family(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list") == 0
    header, *lines = capsys.readouterr().out.splitlines()
    assert header.split()[0] == "FAMILY"
    assert [line.split()[0] for line in lines] == [each.family for each in list_families()]


def test_json_is_one_object_a_line_with_all_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", "--json") == 0
    documents = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["family"] for each in documents] == [each.family for each in list_families()]
    assert set(documents[0]) == set(FAMILIES[0]._fields)
