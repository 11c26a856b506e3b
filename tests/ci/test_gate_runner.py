"""The command: one line a gate, exit code by verdict, gates chosen by name and by changed files."""

import json
from pathlib import Path

import pytest

from ci.gates.__main__ import chosen, main
from ci.gates.finding import Finding
from ci.gates.gate import ChangeClass, Gate
from ci.gates.registry import GATES
from ci.gates.report import as_json, as_sarif, details, line
from ci.gates.run import run
from tests.ci.gate_trees import write


def green(tree: Path) -> list[Finding]:
    return []


def red(tree: Path) -> list[Finding]:
    return [Finding("here", "it is crooked", "Straighten it.")]


def broken(tree: Path) -> list[Finding]:
    raise OSError("no such tool")


def test_verdicts_come_in_the_order_of_the_gates(tmp_path: Path) -> None:
    gates = [Gate("one", green, ()), Gate("two", red, ()), Gate("three", green, ())]
    verdicts = list(run(gates, tmp_path))
    assert [(verdict.gate, verdict.is_green) for verdict in verdicts] == [
        ("one", True),
        ("two", False),
        ("three", True),
    ]
    assert "green" in line(verdicts[0])
    assert "RED" in line(verdicts[1]) and "Straighten it." in line(verdicts[1])
    assert "here: it is crooked. Straighten it." in "".join(details(verdicts))
    assert json.loads(as_json(verdicts[1]))["findings"][0]["place"] == "here"


def test_a_gate_that_cannot_look_is_red_and_the_others_speak(tmp_path: Path) -> None:
    verdicts = list(run([Gate("one", broken, ()), Gate("two", green, ())], tmp_path))
    assert [verdict.is_green for verdict in verdicts] == [False, True]
    assert "the gate could not look: OSError: no such tool" in verdicts[0].findings[0].what


def test_changed_files_choose_the_gates() -> None:
    def names(*changed: str) -> set[str]:
        return {gate.name for gate in chosen(GATES, None, list(changed))}

    assert "proto-breaking" in names("contracts/proto/dome/runtime/v1/job.proto")
    assert "types" not in names("contracts/proto/dome/runtime/v1/job.proto")
    assert names("docs/adr/0001-planes-and-ports.md") == {"adr", "baseline", "evidence", "links"}
    assert names("ci/gates/adr.py") == {gate.name for gate in GATES}
    assert names() == set()


def test_the_exit_code_follows_the_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "docs/index.md", "[a](b.md)\n")
    assert main(["--tree", str(tmp_path), "--only", "links"]) == 1
    assert "the link to b.md leads nowhere" in capsys.readouterr().out
    write(tmp_path, "docs/b.md", "")
    assert main(["--tree", str(tmp_path), "--only", "links", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "green"


def test_every_gate_has_a_name_of_its_own() -> None:
    assert len({gate.name for gate in GATES}) == len(GATES)


@pytest.mark.parametrize(
    ("kind", "belongs", "does_not"),
    [
        (
            ChangeClass.PROTO,
            {"proto-lint", "proto-breaking", "baseline", "codegen-drift", "families", "mappings"},
            {"manifests"},
        ),
        (
            ChangeClass.SCHEMA,
            {"schema-metaschema", "schema-compatibility", "baseline", "examples", "reuse-only"},
            {"proto-lint"},
        ),
        (ChangeClass.MANIFEST, {"manifests"}, {"proto-lint", "examples"}),
        (ChangeClass.POLICY, {"reasons", "pins", "deltas"}, {"proto-lint", "manifests"}),
    ],
)
def test_the_class_of_a_change_selects_its_gates(
    kind: ChangeClass, belongs: set[str], does_not: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--class", kind, "--list"]) == 0
    listed = set(capsys.readouterr().out.split())
    assert belongs <= listed
    assert not does_not & listed


def test_findings_are_written_as_sarif(tmp_path: Path) -> None:
    def crooked(tree: Path) -> list[Finding]:
        return [Finding("docs/a b.md:7", "it is crooked", "Straighten it."), Finding("a run", "it is late", "Hurry.")]

    log = json.loads(as_sarif(list(run([Gate("one", crooked, ()), Gate("two", green, ())], tmp_path))))
    assert log["version"] == "2.1.0"
    (told,) = log["runs"]
    assert [rule["id"] for rule in told["tool"]["driver"]["rules"]] == ["one", "two"]
    first, second = told["results"]
    assert (first["ruleId"], first["level"], first["message"]["text"]) == (
        "one",
        "error",
        "it is crooked. Straighten it.",
    )
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "docs/a%20b.md"},
        "region": {"startLine": 7},
    }
    assert "region" not in second["locations"][0]["physicalLocation"]
