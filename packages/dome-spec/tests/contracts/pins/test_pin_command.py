"""`dome contracts pin` as people and programs use it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from dome_spec.commands import contracts
from tests.group_use import exit_code

Run = Callable[..., int]
MEMBERS = ("order=schema:order.json", "words=schema:words.json", "codes=reason_semantics:codes.json")
ADD = ("add", "orders", "../owner@v1", *MEMBERS, "--prefix", "schemas", "--version", "1")


@pytest.fixture
def run(consumer: Any, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(consumer.root)

    def call(*argv: str) -> int:
        return exit_code(contracts, words=("contracts", "pin", *argv))

    return call


def test_pin_list_show_and_verify(owner: Any, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list") == 0
    assert "Nothing is pinned" in capsys.readouterr().out
    assert run(*ADD) == 0
    assert run("list") == 0
    assert run("show", "orders") == 0
    assert run("verify") == 0
    assert run("verify", "orders", "--upstream", "../owner@v1") == 0
    shown = capsys.readouterr().out
    assert "orders  1  ../owner@" in shown
    assert "upstream: schemas/order.json sha256:" in shown
    assert "1 bundle is what was pinned." in shown


def test_json_is_one_object_a_line(owner: Any, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*ADD, "--json") == 0
    assert json.loads(capsys.readouterr().out)["pin"]["bundle"] == "orders"
    owner.write("schemas/words.json", owner.words("open"))
    owner.commit("v2")
    assert run("verify", "orders", "--upstream", "../owner@v2", "--json") == 1
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    order = next(each for each in found if each["member"] == "order")
    assert order["verdict"] == "INCOMPATIBLE"
    assert order["changes"][0]["witness"]["document"]["state"] == "shipped"
    assert run("list", "--json") == 0
    assert json.loads(capsys.readouterr().out)["source"]["location"] == "../owner"
    assert run("show", "orders", "--json") == 0
    assert json.loads(capsys.readouterr().out)["version"] == "1"


def test_drift_that_is_compatible_is_told_and_not_red(owner: Any, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run(*ADD)
    owner.write("schemas/order.json", owner.order(note={"type": "string"}))
    owner.commit("v1")
    assert run("verify", "orders", "--upstream", "../owner@v1") == 0
    shown = capsys.readouterr()
    assert "changed  order: COMPATIBLE" in shown.out
    assert "The source is at " in shown.err


def test_an_update_is_shown_first_then_made(
    owner: Any, consumer: Any, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run(*ADD)
    before = consumer.everything()
    owner.write("schemas/order.json", owner.order(note={"type": "string"}))
    owner.commit("v2")
    assert run("update", "orders", "../owner@v2", "--version", "2", "--dry-run") == 0
    assert consumer.everything() == before
    assert run("update", "orders", "../owner@v2", "--version", "2") == 0
    assert run("update", "orders", "../owner@v2", "--version", "2") == 0
    shown = capsys.readouterr().out
    assert shown.index("would update  orders: 1 to 2") < shown.index("updated  orders: 1 to 2")
    assert "Nothing to do" in shown


def test_a_break_is_refused_with_what_to_do(owner: Any, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run(*ADD)
    owner.write("schemas/words.json", owner.words("open"))
    owner.commit("v2")
    assert run("update", "orders", "../owner@v2") == 67
    shown = capsys.readouterr()
    assert "document:" in shown.out
    assert "refused  order: INCOMPATIBLE" in shown.err
    assert "`--adr NNNN`" in shown.err
    assert "Nothing was written." in shown.err
    assert run("update", "orders", "../owner@v2", "--json") == 67
    assert any("refused" in json.loads(line) for line in capsys.readouterr().out.splitlines())


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (("show", "prices"), 66, "no bundle 'prices' is pinned here"),
        (("verify", "prices"), 66, "no bundle 'prices' is pinned here"),
        (("verify", "--upstream", "../owner"), 2, "name the bundle"),
        (("add", "orders", "../owner@v1", "--version", "1"), 2, "or say --all"),
        (("add", "orders", "../owner@v9", "--all", "--version", "1"), 66, "'../owner@v9' is no directory"),
        (("add", "orders", "../nowhere", "--all", "--version", "1"), 66, "nowhere"),
        (("add", "orders", "https://acme.example/x", "--all", "--version", "1"), 65, "is on another machine"),
        (("add", "orders", "../owner@v1", "order=schema:order.json", "--version", "1"), 66, "it is not there"),
        (("add", "orders", "../owner@v1", "order", "--version", "1"), 65, "NAME=ROLE:PATH"),
        (("add", "orders", "../owner@v1", "--all", "--version", "1", "--prefix", "docs"), 65, "there is no schema"),
        (("add", "orders", "../owner@v1", "--all", "--version", "1", "--location", "/srv"), 2, "a path of one machine"),
        (("add", "orders", "../owner@v1", "--all", "--version", "1 b"), 65, "/version"),
        (("update", "orders", "../owner@v1"), 66, "no bundle 'orders'"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do_and_a_code(
    owner: Any,
    consumer: Any,
    run: Run,
    capsys: pytest.CaptureFixture[str],
    argv: tuple[str, ...],
    code: int,
    words: str,
) -> None:
    before = consumer.everything()
    assert run(*argv) == code
    shown = capsys.readouterr().err
    assert words in shown
    assert "Traceback" not in shown
    assert consumer.everything() == before


def test_errors_are_json_for_programs(owner: Any, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", "prices", "--json") == 66
    error = json.loads(capsys.readouterr().err)["error"]
    assert (error["reason"], bool(error["remedy"])) == ("PIN_NOT_FOUND", True)


def test_a_pin_edited_by_hand_fails_verify_and_stops_an_update(
    owner: Any, consumer: Any, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run(*ADD)
    (consumer.layout.pins / "orders/order.json").write_text("{}")
    assert run("verify", "orders") == 1
    assert run("update", "orders", "../owner@v1") == 67
    assert run("verify", "orders", "--json") == 1
    shown = capsys.readouterr()
    assert "edited by hand" in shown.out
    assert "edited by hand" in shown.err


def test_the_owner_is_not_looked_at_before_the_pin_is_right(
    owner: Any, consumer: Any, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run(*ADD)
    (consumer.layout.pins / "orders/order.json").unlink()
    assert run("verify", "orders", "--upstream", "../owner@v1") == 1
    assert "before the pin is right" in capsys.readouterr().err
