"""What tests drive on node is pinned, and looked for in one place only."""

import json
import re
from pathlib import Path

from ci import node, node_lock

PINS = json.loads(node.PACKAGES.read_text(encoding="utf-8"))
ADDRESS = re.compile(r"://")


def test_the_committed_file_is_what_the_recipe_writes() -> None:
    assert node_lock.text(PINS["dependencies"], PINS["packages"]) == node.PACKAGES.read_text(encoding="utf-8")


def test_what_is_asked_for_is_an_exact_version_that_is_locked() -> None:
    for name, version in PINS["dependencies"].items():
        assert PINS["packages"][f"node_modules/{name}"]["version"] == version


def test_npm_is_given_the_packages_with_their_hashes_and_no_address() -> None:
    given = node.documents(PINS)
    assert given["package-lock.json"]["packages"][""] == given["package.json"]
    assert {*given["package-lock.json"]["packages"]} == {"", *PINS["packages"]}
    assert ADDRESS.search(json.dumps(given)) is None


def test_other_pins_lie_in_another_place(tmp_path: Path) -> None:
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    one.write_text("{}")
    other.write_text("{ }")
    assert node.pinned(tmp_path, packages=one).modules != node.pinned(tmp_path, packages=other).modules


def test_what_is_not_there_whole_is_not_found(tmp_path: Path) -> None:
    assert node.find(tmp_path) is None
    there = node.pinned(tmp_path)
    there.program.parent.mkdir(parents=True)
    there.program.touch(mode=0o755)
    assert node.find(tmp_path) is None
    there.modules.mkdir(parents=True)
    assert node.find(tmp_path) == there
