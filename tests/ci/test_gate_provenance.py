"""Real runs through a daemon leave a true record; a daemon that forgets or invents a part of it is refused."""

from pathlib import Path

import pytest

from ci.gates import provenance
from ci.gates.__main__ import ROOT
from ci.real_runs import CannotRun, real_runs
from tests.ci.gate_trees import copy, replace, share, source

RECORD = source("domed", "provenance/record.py")


@pytest.fixture
def planes(tmp_path: Path) -> Path:
    """The daemon and the command, to be changed, and the contracts that both read."""
    copy(tmp_path, "packages/domed/src", "packages/dome-client/src/dome_client")
    return share(tmp_path, "contracts/jsonschema", "generated/src")


def test_runs_of_this_tree_leave_a_true_record() -> None:
    assert provenance.check(ROOT) == []


MANIFEST = source("dome_client", "cli/render/manifest.py")
PLANTED = {
    'commit_sha is "", and was': ("commit_sha=head.commit", 'commit_sha=""'),
    "dirty_flag is null, and was true": ("dirty_flag=tree.dirty", "dirty_flag=None"),
    "breaks its contract at /provenance/input_hash": ("input_hash=start.input_hash", 'input_hash="none"'),
    "tool_versions does not name domed": ('"domed": self._version', '"daemon": self._version'),
    "contract_hashes is empty": ("contract_hashes=self._contract_hashes,", ""),
}


def test_a_daemon_that_forgets_or_invents_and_a_document_that_leaves_out_are_refused(planes: Path) -> None:
    for before, after in PLANTED.values():
        replace(planes, RECORD, before, after)
    replace(planes, MANIFEST, '"input_hash", "env_fingerprint",', '"input_hash",')
    found = provenance.check(planes)
    for complaint in (*PLANTED, "env_fingerprint is missing from the record"):
        assert {each.place for each in found if complaint in each.what} == set(provenance.RUNS)


def test_a_daemon_that_does_not_start_is_told_with_its_last_words(planes: Path) -> None:
    replace(planes, source("domed", "app.py"), "import asyncio", "raise SystemExit('cannot begin')\nimport asyncio")
    with pytest.raises(CannotRun, match="cannot begin"):
        list(real_runs(planes, provenance.RUNS))
