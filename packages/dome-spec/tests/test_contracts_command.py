"""The verbs of `dome contracts`: what they print, where, and with which exit code."""

import json
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.exit_codes import Exit
from dome_contracts.families import FAMILIES
from dome_spec.commands import contracts
from dome_spec.contracts import list_families
from tests.group_use import Said, no_daemon, use_group

Git = Any
DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True)
class Command:
    """The group, used in a directory."""

    capture: pytest.CaptureFixture[str]

    def __call__(self, *argv: str) -> Said:
        return use_group(self.capture, contracts, words=("contracts", *argv))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)


def schema(family: str, **rest: Any) -> str:
    return json.dumps({"$schema": DIALECT, "$id": f"https://x/{family}.json", "type": "object", **rest}, indent=2)


ORDER = schema("order", title="Order", properties={"code": {"type": "string"}})
STRICT = schema("order", title="Order", properties={"code": {"type": "string"}}, required=["code"])
MORE = schema("order", title="Order", properties={"code": {"type": "string"}, "size": {"type": ["integer", "string"]}})


@pytest.fixture
def shop(git: Git, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Another repository, with a schema, an example and a setting."""
    git.commit(
        "one", {"api/order.json": ORDER, "api/example.json": '{"code": "x"}', "package.json": '{"type": "module"}'}
    )
    monkeypatch.chdir(git.root)
    return git


def test_every_registered_family_is_listed_once_and_ordered() -> None:
    names = [each.family for each in list_families()]
    assert names == sorted({each.family for each in FAMILIES})


def test_the_table_has_a_line_for_each_family(run: Command) -> None:
    header, *lines = run("list").out.splitlines()
    assert header.split()[0] == "FAMILY"
    assert [line.split()[0] for line in lines] == [each.family for each in list_families()]


def test_json_is_one_object_a_line_with_all_columns(run: Command) -> None:
    found = run("list", "--json").documents()
    assert [each["family"] for each in found] == [each.family for each in list_families()]
    assert set(found[0]) == set(FAMILIES[0]._fields)


def test_the_schemas_of_a_source_are_listed(shop: Any, run: Command) -> None:
    (found,) = run("list", "main", "--json").documents()
    assert (found["schema_id"], found["title"], found["path"]) == ("https://x/order.json", "Order", "api/order.json")
    assert found["digest"].startswith("sha256:")
    assert "https://x/order.json" in run("list", ".").out


def test_what_is_left_out_of_a_list_is_noted(shop: Any, run: Command) -> None:
    shop.write("api/broken.json", '{"$id": ')
    done = run("list", "api")
    assert (done.code, "api/broken.json is left out" in done.err) == (Exit.OK, True)


def test_a_difference_is_red_with_a_document_that_shows_it(shop: Any, run: Command) -> None:
    shop.write("api/order.json", STRICT)
    done = run("diff", "main", ".")
    assert done.code == Exit.FAILED
    assert "error[required.tightened]" in done.out
    assert "document:   {}" in done.out
    assert "api/order.json:" in done.out


def test_no_difference_is_green(shop: Any, run: Command) -> None:
    assert run("diff", "main", ".").code == Exit.OK
    assert "1 unchanged" in run("diff", "main", "api").out


def test_a_direction_decides_what_breaks(shop: Any, run: Command) -> None:
    closed = schema("order", properties={"code": {"type": "string"}}, additionalProperties=False)
    opened = schema("order", properties={"code": {"type": "string"}, "size": {}}, additionalProperties=False)
    shop.write("old.json", closed)
    shop.write("new.json", opened)
    assert run("diff", "old.json", "new.json").code == Exit.OK
    assert run("diff", "old.json", "new.json", "--direction", "forward").code == Exit.FAILED
    assert run("diff", "old.json", "new.json", "--direction", "both").code == Exit.FAILED


def test_json_and_sarif_tell_the_same(shop: Any, run: Command) -> None:
    shop.write("api/order.json", STRICT)
    family, summary = run("diff", "main", ".", "--json").documents()
    assert run("diff", "main", ".", "--format", "json").documents() == [family, summary]
    (result,) = json.loads(run("diff", "main", ".", "--format", "sarif").out)["runs"][0]["results"]
    assert result["ruleId"] == family["findings"][0]["rule"] == "required.tightened"
    assert family["findings"][0]["witness"]["document"] == {}
    assert summary["summary"]["level"] == "red"


def test_draft_07_is_compared(shop: Any, run: Command) -> None:
    draft = {"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {"C": {"type": "string"}}}
    old = {**draft, "type": "object", "properties": {"c": {"$ref": "#/definitions/C"}}}
    shop.write("old.json", json.dumps(old))
    shop.write("new.json", json.dumps({**old, "definitions": {"C": {"type": "string", "minLength": 2}}}))
    done = run("diff", "old.json", "new.json")
    assert (done.code, "minLength.tightened" in done.out) == (Exit.FAILED, True)


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["diff", "mian", "."], Exit.NOT_FOUND), (["diff", "main:nowhere", "."], Exit.NOT_FOUND),
        (["diff", "package.json", "api/order.json"], Exit.INVALID), (["list", "https://x/y.git"], Exit.INVALID),
        (["show", "nothing"], Exit.NOT_FOUND), (["explain", "unheard.of"], Exit.NOT_FOUND),
        (["explain", "main", "."], Exit.USAGE), (["explain", "main", ".", "nothing"], Exit.NOT_FOUND),
        (["bless"], Exit.USAGE), (["bless", "a", "--all"], Exit.USAGE),
        (["check", "--against", "mian"], Exit.NOT_FOUND),
        (["check", "--against", "baseline"], Exit.NOT_FOUND), (["list", "empty"], Exit.NOT_FOUND),
        (["show", "api/order.json", "--at", "mian"], Exit.NOT_FOUND),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_a_remedy_and_a_code(shop: Any, run: Command, argv: list[str], code: int) -> None:
    (shop.root / "empty").mkdir()
    done = run(*argv)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith("dome: ")
    assert "Traceback" not in done.err


def test_an_error_is_one_object_where_json_was_asked_for(shop: Any, run: Command) -> None:
    done = run("diff", "mian", ".", "--json")
    error = json.loads(done.err)["error"]
    assert error["reason"] == "SOURCE_NOT_FOUND"
    assert "mian" in error["message"]
    assert error["remedy"]


def test_a_refused_schema_has_a_code_of_its_own(shop: Any, run: Command) -> None:
    shop.write("api/order.json", schema("order", properties={"a": {"$ref": "#/nowhere"}}))
    assert run("diff", "main", ".").code == Exit.INVALID
    shop.write("api/order.json", '{"$id": "https://x/order.json", "$id": 1}')
    done = run("diff", "main", ".")
    assert (done.code, "twice" in done.out) == (Exit.INVALID, True)


def test_a_check_compares_with_head_where_nothing_was_blessed(shop: Any, run: Command) -> None:
    assert run("check").code == Exit.OK
    shop.write("api/order.json", STRICT)
    assert run("check").code == Exit.FAILED
    assert run("check", "api", "--against", "main").code == Exit.FAILED
    shop.commit("two")
    assert run("check").code == Exit.OK
    assert run("check", "api", "--against", "HEAD~1").code == Exit.FAILED


def test_a_removed_family_is_red(shop: Any, run: Command) -> None:
    (shop.root / "api/order.json").unlink()
    done = run("check")
    assert (done.code, "family-removed" in done.out) == (Exit.FAILED, True)


def test_rules_are_explained(run: Command) -> None:
    assert "required.tightened" in run("explain").out
    text = run("explain", "required.tightened").out
    assert "example:" in text
    assert run("explain", "required.tightened", "--json").documents()[0]["examples"][0]["witness"] == {}
    assert {"rule", "verdict", "what", "remedy"} <= run("explain", "--json").documents()[0].keys()


def test_a_comparison_is_explained(shop: Any, run: Command) -> None:
    shop.write("api/order.json", STRICT)
    done = run("explain", "main", ".", "Order")
    assert done.code == Exit.FAILED
    assert "tier:" in done.out
    assert "verdict:    INCOMPATIBLE" in done.out
    assert run("explain", "main", ".", "order", "--json").documents()[0]["kind"] == "changed"


def test_a_schema_is_shown_with_its_row_and_examples(run: Command) -> None:
    (shown,) = run("show", "runtime/run_manifest", "--json").documents()
    assert shown["schema"]["title"] == "RunManifest"
    assert shown["registry"]["family"] == "runtime/run_manifest"
    assert {each["is_valid"] for each in shown["examples"]} == {True, False}
    text = run("show", "runtime/run_manifest").out
    assert "examples that it refuses:" in text
    (resolved,) = run("show", "RunManifest", "--resolved", "--json").documents()
    assert "shared/v1/definitions.json" not in json.dumps(resolved["schema"])


def test_a_message_of_the_wire_is_shown(run: Command) -> None:
    (shown,) = run("show", "dome.runtime.v1.JobEvent", "--json").documents()
    assert shown["schema"] is None
    assert shown["proto"].rstrip().endswith("}")
    assert "message JobEvent {" in shown["proto"]


def test_a_schema_is_shown_as_it_was(shop: Any, run: Command) -> None:
    shop.write("api/order.json", STRICT)
    shop.commit("two")
    (before,) = run("show", "api/order.json", "--at", "HEAD~1", "--json").documents()
    (after,) = run("show", "api/order.json", "--json").documents()
    assert (before["schema"], after["schema"]) == (json.loads(ORDER), json.loads(STRICT))


def test_a_blessing_moves_the_baseline_and_a_dry_run_does_not(shop: Any, run: Command) -> None:
    shop.write(
        "contracts/jsonschema/shop/v1/order.json", ORDER.replace('"type"', '"x-dome-tier": "experimental", "type"', 1)
    )
    dry = run("bless", "--all", "--note", "First.", "--dry-run")
    assert (dry.code, dry.out) == (Exit.OK, "would bless  shop/order: FIRST (experimental)\n")
    assert not (shop.root / "contracts/baseline").exists()
    refused = run("bless", "shop/order")
    assert refused.code == Exit.PRECONDITION
    assert "Nothing was written." in refused.err
    (refusal,) = [each["refused"] for each in run("bless", "--all", "--json").documents() if "refused" in each]
    assert "--note" in refusal["remedy"]
    (blessed,) = run("bless", "--all", "--note", "First.", "--json").documents()
    assert (blessed["outcome"], blessed["verdict"]) == ("blessed", "FIRST")
    assert "Nothing to bless" in run("bless", "--all").out
    assert run("bless", "shop/odrer").code == Exit.NOT_FOUND
    assert run("check").code == Exit.OK


def test_help_has_examples_for_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in ("list", "show", "diff", "check", "explain", "bless"):
        parser = ArgumentParser(prog="dome")
        contracts.register(parser.add_subparsers(), no_daemon)
        with pytest.raises(SystemExit) as raised:
            parser.parse_args(["contracts", verb, "--help"])
        assert raised.value.code == 0
        assert f"dome contracts {verb}" in capsys.readouterr().out.split("examples:")[1]


def test_a_directory_that_is_gone_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Command) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    done = run("diff", "main", ".")
    assert (done.code, "no longer exists" in done.err) == (Exit.USAGE, True)


def fields(*names: str) -> Any:
    return {name: {"type": "string"} for name in names}


PURCHASE = fields("order_id", "customer", "placed_time", "currency", "total")
PARCEL = fields("parcel_id", "carrier", "weight", "depot", "seal")


def test_families_of_one_set_that_repeat_each_other_are_named(shop: Any, run: Command) -> None:
    for name, properties in {"order": PURCHASE, "purchase": PURCHASE, "parcel": PARCEL}.items():
        shop.write(f"all/{name}.json", schema(name, properties=properties))
    done = run("overlaps", "all")
    assert (done.code, done.out.split()[:4]) == (Exit.FAILED, ["order.json", "purchase.json", "fields", "100%"])
    assert "1 pair" in done.err


def test_two_sets_are_compared_family_by_family(shop: Any, run: Command) -> None:
    shop.write("ours/work.queue.schema.json", schema("ours", properties=PURCHASE))
    shop.write("theirs/work_queue.json", schema("theirs", properties=PARCEL))
    (pair,) = run("overlaps", "ours", "theirs", "--json").documents()
    assert (pair["first"], pair["second"], pair["by"]) == ("work.queue.schema.json", "work_queue.json", "name")


def test_families_that_differ_do_not_overlap(shop: Any, run: Command) -> None:
    shop.write("all/order.json", schema("order", properties=PURCHASE))
    shop.write("all/parcel.json", schema("parcel", properties=PARCEL))
    assert run("overlaps", "all") == Said(Exit.OK, "", "0 pairs of families alike.\n")
