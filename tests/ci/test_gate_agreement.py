"""The layers use one word for one concept."""

from pathlib import Path

import pytest

from ci.gates.agreement import check, word
from tests.ci.gate_trees import copy, said, source, write

CLIENT = "class Client:\n    async def cancel(self): ...\n    async def execute(self): ...\n    def _call(self): ...\n"
LEDGER = "class JobLedger:\n    async def submit(self): ...\n    async def cancel(self): ...\n    def live(self): ...\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    copy(tmp_path, "contracts/proto/dome/runtime/v1/service.proto")
    write(tmp_path, source("dome_client", "client.py"), CLIENT)
    write(tmp_path, source("domed", "ledger.py"), LEDGER)
    write(tmp_path, source("dome_client", "cli/commands/cancel.py"), "")
    write(tmp_path, source("dome_client", "cli/commands/run.py"), "")
    return tmp_path


def test_the_same_words_agree(tree: Path) -> None:
    assert check(tree) == []


@pytest.mark.parametrize(
    ("plane", "module", "before", "after", "complaint"),
    [
        ("domed", "ledger.py", "cancel", "abort", "abort is a word of the ledger alone"),
        ("dome_client", "client.py", "def execute", "def launch", "launch is a word of the client alone"),
    ],
)
def test_a_word_of_its_own_is_found(
    tree: Path, plane: str, module: str, before: str, after: str, complaint: str
) -> None:
    path = tree / source(plane, module)
    path.write_text(path.read_text().replace(before, after))
    assert complaint in said(check(tree))


@pytest.mark.parametrize(
    ("command", "complaint"),
    [("kill", "kill is a word of the command alone"), ("locks", "the SDK has no locks")],
)
def test_a_command_with_a_word_of_its_own_is_found(tree: Path, command: str, complaint: str) -> None:
    write(tree, source("dome_client", f"cli/commands/{command}.py"), "")
    assert complaint in said(check(tree))


@pytest.mark.parametrize(
    ("rpc", "expected"),
    [("SkillExecute", "execute"), ("GetJobStatus", "status"), ("StreamJobEvents", "events"), ("ListTools", "tools")],
)
def test_an_rpc_has_a_word(rpc: str, expected: str) -> None:
    assert word(rpc) == expected
