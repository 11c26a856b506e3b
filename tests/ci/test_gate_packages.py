"""Locks without hashes or with addresses, copyleft, and a client that grows heavy are refused."""

import json
from pathlib import Path

import pytest

from ci.gates import licences, locks, node_packages, thin
from tests.ci.gate_trees import copy, said, source, write

HASH = "    --hash=sha256:" + "0" * 64 + "\n"
MAIN = "import sys\n\n\ndef main() -> None:\n    sys.exit(0)\n"


def locked(tree: Path, line: str) -> Path:
    """A tree in which every lock holds one line."""
    for name in locks.EXPECTED:
        write(tree, f"requirements/{name}.lock", f"# header\n{line}")
    write(tree, node_packages.PLACE, json.dumps({"packages": {"node_modules/vary": {"integrity": "sha512-x"}}}))
    return tree


def test_the_committed_locks_pass(tmp_path: Path) -> None:
    copy(tmp_path, "requirements")
    assert locks.check(tmp_path) == []


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("h2==4.4.1\n", "h2 has no hash"),
        ("h2>=4 \\\n" + HASH, "no exact version"),
        ("h2 @ https://example.org/h2.whl \\\n" + HASH, "names a place"),
        ("--index-url https://example.org/simple\n", "names a place"),
        ("-e ./packages/domed\n", "names a place"),
    ],
)
def test_a_line_that_is_no_pinned_version_is_found(tmp_path: Path, line: str, complaint: str) -> None:
    assert complaint in said(locks.check(locked(tmp_path, line)))


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ({"version": "1.1.2"}, "node_modules/vary has no hash"),
        ({"integrity": "sha1-x"}, "node_modules/vary has no hash"),
        ({"integrity": "sha512-x", "resolved": "https://example.org/vary.tgz"}, "names a place"),
    ],
)
def test_a_package_of_node_without_a_hash_or_with_an_address_is_found(
    tmp_path: Path, entry: dict[str, str], complaint: str
) -> None:
    locked(tmp_path, "h2==4.4.1 \\\n" + HASH)
    write(tmp_path, node_packages.PLACE, json.dumps({"packages": {"node_modules/vary": entry}}))
    assert complaint in said(locks.check(tmp_path))
    (tmp_path / node_packages.PLACE).unlink()
    assert "the lock is missing" in said(locks.check(tmp_path))


def test_a_missing_lock_and_a_lock_with_hosts_are_found(tmp_path: Path) -> None:
    locked(tmp_path, "h2==4.4.1 \\\n" + HASH)
    assert locks.check(tmp_path) == []
    (tmp_path / "requirements/client.lock").unlink()
    archive = "https://packages.example.org/a.tgz"
    write(tmp_path, "package-lock.json", json.dumps({"resolved": archive}))
    found = said(locks.check(tmp_path))
    assert "the lock is missing" in found
    assert "the lock holds addresses" in found


def test_free_licences_pass_and_copyleft_is_found(tmp_path: Path) -> None:
    assert licences.check(locked(tmp_path, "h2==4.4.1 \\\n" + HASH)) == []
    found = said(licences.check(locked(tmp_path, "sourcemeta-jsonschema==17.3.0 \\\n" + HASH)))
    assert "sourcemeta-jsonschema is copyleft: AGPL" in found


def test_a_package_that_cannot_be_read_is_found(tmp_path: Path) -> None:
    absent = "no-such-package==1.0"
    assert "is not installed" in said(licences.check(locked(tmp_path, f"{absent} \\\n" + HASH)))
    elsewhere = f"{absent} ; sys_platform == 'amiga' \\\n"
    assert licences.check(locked(tmp_path, elsewhere + HASH)) == []


@pytest.fixture
def client(tmp_path: Path) -> Path:
    copy(tmp_path, thin.LOCK)
    (tmp_path / "generated").mkdir()
    (tmp_path / "generated/src").symlink_to(Path(__file__).parents[2] / "generated/src")
    write(tmp_path, source("dome_client", "__init__.py"), "__all__ = []\n")
    write(tmp_path, source("dome_client", "cli/__init__.py"), "")
    write(tmp_path, source("dome_client", "cli/main.py"), MAIN)
    return tmp_path


def test_a_thin_client_passes(client: Path) -> None:
    write(client, source("dome_client", "cli/main.py"), "import dome_contracts.runtime.v1\n" + MAIN)
    assert thin.check(client) == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("import sqlite3\n", "dome --help: loads sqlite3"),
        ("import pydantic\n", "No module named 'pydantic'"),
        ("import google.protobuf\n", "No module named 'google'"),
        ("import domed\n", "No module named 'domed'"),
    ],
)
def test_a_client_that_grows_heavy_is_found(client: Path, text: str, complaint: str) -> None:
    write(client, source("dome_client", "cli/main.py"), text + MAIN)
    assert complaint in said(thin.check(client))
