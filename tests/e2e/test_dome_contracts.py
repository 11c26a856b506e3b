"""The author of a contract, as a new user: what each kind of change says, in a repository of its own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.exit_codes import Exit
from tests.e2e.warm_python import TIMEOUT_S, Done, warm_python

DIALECT = "https://json-schema.org/draft/2020-12/schema"
LIBRARY = {
    "$schema": DIALECT,
    "$id": "https://example.org/shared/v1/definitions.json",
    "$defs": {"Code": {"type": "string", "pattern": "^[a-z]{1,8}$"}},
}
REASONS = """\
rpc_errors:
  - {reason: NOT_FOUND, grpc: NOT_FOUND}
failure_reasons:
  - {code: TESTS.FAILED, class: tests}
policy_reasons:
  - {code: GUARD.DENIED, class: guard}
"""


def family(name: str, tier: str, intent: str, **properties: Any) -> dict[str, Any]:
    return {
        "$schema": DIALECT,
        "$id": f"https://example.org/shop/v1/{name}.json",
        "title": name.title(),
        "x-dome-tier": tier,
        "x-dome-owner": "shop",
        "x-dome-intent": intent,
        "type": "object",
        "additionalProperties": False,
        "required": ["code"],
        "properties": {"code": {"$ref": "../../shared/v1/definitions.json#/$defs/Code"}, **properties},
    }


FAMILIES: Mapping[str, dict[str, Any]] = {
    "order": family("order", "stable", "resource_spec", size={"type": "integer"}),
    "parcel": family("parcel", "experimental", "resource_spec", label={"type": "string", "pattern": "^[A-Z]+-[0-9]+$"}),
    "event": family("event", "experimental", "event_log", kind={"enum": ["sent", "received"]}),
    "settings": family("settings", "experimental", "resource_spec", retries={"type": "integer", "default": 3}),
    "gone": family("gone", "experimental", "status"),
}


class Author:
    """One repository, and the command used in it."""

    def __init__(self, root: Path) -> None:
        self.root = root / "shop"
        self._environ = {
            "HOME": str(root),
            "PATH": os.environ["PATH"],
            "GIT_CONFIG_NOSYSTEM": "1",
            **{f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        }

    def begin(self) -> None:
        """Contracts that nobody blessed yet."""
        self.root.mkdir()
        self.git("init", "-q", "-b", "main")
        self.save("shared", "definitions", LIBRARY)
        for name, document in FAMILIES.items():
            self.save("shop", name, document)
        self.write("contracts/reasons.yaml", REASONS)
        self.write("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n")

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def save(self, context: str, name: str, document: Mapping[str, Any]) -> None:
        self.write(f"contracts/jsonschema/{context}/v1/{name}.json", json.dumps(document, indent=2) + "\n")

    def change(self, name: str, edit: Callable[[dict[str, Any]], object]) -> None:
        document = json.loads(json.dumps(FAMILIES[name]))
        edit(document)
        self.save("shop", name, document)

    def git(self, *words: str) -> None:
        subprocess.run(["git", *words], cwd=self.root, env=self._environ, check=True, timeout=TIMEOUT_S)

    def commit(self, message: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)

    def dome(self, *words: str) -> Done:
        return warm_python().run("contracts", *words, cwd=self.root, environ=self._environ)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Contracts that were blessed and committed, to be copied."""
    made = Author(tmp_path_factory.mktemp("author"))
    made.begin()
    blessed = made.dome("bless", "--all", "--note", "The first baseline.")
    assert (blessed.code, blessed.err) == (Exit.OK, "")
    made.commit("Contracts")
    return made.root


@pytest.fixture
def author(kept: Path, tmp_path: Path) -> Author:
    """Contracts that were blessed and committed."""
    made = Author(tmp_path)
    shutil.copytree(kept, made.root)
    return made


def test_an_optional_field_is_green_and_becomes_the_baseline(author: Author) -> None:
    author.change("parcel", lambda each: each["properties"].update(weight={"type": "number"}))
    checked = author.dome("check")
    assert (checked.code, b"1 compatible" in checked.out) == (Exit.OK, True)
    blessed = author.dome("bless", "shop/parcel", "--note", "Parcels may say their weight.")
    assert blessed.out == b"blessed  shop/parcel: COMPATIBLE (experimental)\n"
    assert "`shop/parcel`: Parcels may say their weight." in (author.root / "CHANGELOG.md").read_text()


def test_each_break_is_caught_with_a_document_a_place_and_a_remedy(author: Author) -> None:
    author.change("order", lambda each: each["required"].append("size"))
    author.change("parcel", lambda each: each["properties"]["label"].update(pattern="^[A-F]+-[0-9]+$"))
    author.change("event", lambda each: each["properties"]["kind"]["enum"].append("lost"))
    author.change("settings", lambda each: each["properties"]["retries"].update(default=5))
    (author.root / "contracts/jsonschema/shop/v1/gone.json").unlink()

    checked = author.dome("check", "--json")
    assert checked.code == Exit.FAILED
    found = {each["family"]: each for each in checked.documents() if "family" in each}
    assert {name: found[f"shop/{name}"]["verdict"] for name in FAMILIES} == {
        "order": "INCOMPATIBLE",
        "parcel": "INCOMPATIBLE",
        "event": "INCOMPATIBLE",
        "settings": "MEANING_CHANGED",
        "gone": "INCOMPATIBLE",
    }
    assert all(found[f"shop/{name}"]["level"] == "red" for name in FAMILIES)
    for each in found.values():
        for finding in each["findings"]:
            assert finding["what"]
            assert finding["remedy"]
            assert finding["place"]["line"] >= 1
    (missing,) = found["shop/order"]["findings"]
    assert set(missing["witness"]["document"]) == {"code"}
    directions = {finding["direction"] for finding in found["shop/event"]["findings"]}
    assert "forward" in directions

    text = author.dome("check").out.decode()
    assert "contracts/jsonschema/shop/v1/order.json:" in text
    assert "what to do: Leave the field optional" in text
    assert "family-removed" in text


def test_a_stable_family_is_broken_with_a_decision_only(author: Author) -> None:
    author.change("order", lambda each: each["required"].append("size"))
    for words in ((), ("--note", "Orders have a size."), ("--adr", "0001")):
        refused = author.dome("bless", "shop/order", *words)
        assert refused.code == Exit.PRECONDITION
        assert "--adr NNNN" in refused.err
    author.write("docs/adr/0001-orders-have-a-size.md", "# 0001. Orders have a size\n")
    assert author.dome("bless", "shop/order", "--adr", "0001").code == Exit.OK
    assert author.dome("check").code == Exit.OK
    assert "adr: '0001'" in (author.root / "contracts/baseline/blessings.yaml").read_text()


def test_a_removed_reason_is_never_blessed(author: Author) -> None:
    author.write("contracts/reasons.yaml", REASONS.replace("TESTS.FAILED", "TESTS.BROKEN"))
    refused = author.dome("bless", "--all", "--note", "Rename.", "--adr", "0001")
    assert refused.code == Exit.PRECONDITION
    assert "Nothing was written." in refused.err
    assert "TESTS.FAILED is gone" in author.dome("bless", "reasons").err


def test_a_narrowed_shared_definition_is_told_once_for_all_that_use_it(author: Author) -> None:
    code = {"type": "string", "pattern": "^[a-z]{1,4}$"}
    author.save("shared", "definitions", {**LIBRARY, "$defs": {"Code": code}})
    checked = author.dome("check")
    assert checked.code == Exit.FAILED
    assert checked.out.count(b"document:") == 1
    assert b"contracts/jsonschema/shared/v1/definitions.json:" in checked.out


def test_another_repository_is_compared_from_anywhere(author: Author) -> None:
    author.git("checkout", "-q", "-b", "change")
    author.change("order", lambda each: each["properties"].pop("size"))
    author.commit("Drop the size")
    shop = author.root
    author.root = shop.parent
    compared = author.dome(
        "diff", f"{shop}@main:contracts/jsonschema", f"{shop}@change:contracts/jsonschema", "--format", "sarif"
    )
    assert compared.code == Exit.FAILED
    (run,) = json.loads(compared.out)["runs"]
    assert {each["level"] for each in run["results"]} == {"error"}
    (shown,) = author.dome("show", "shop/contracts/jsonschema/shop/v1/order.json", "--json").documents()
    assert shown["schema"]["title"] == "Order"


def test_the_help_loads_no_engine() -> None:
    heavy = "{'dulwich', 'jsonschema', 'jsonschema_rs', 'pydantic', 'yaml'}"
    register = (
        "from dome_spec.commands import contracts; contracts.register(argparse.ArgumentParser().add_subparsers(), None)"
    )
    code = f"import argparse, sys; {register}; sys.exit(str({heavy} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=TIMEOUT_S, check=False)
    assert done.stderr.decode().strip() == "set()"
