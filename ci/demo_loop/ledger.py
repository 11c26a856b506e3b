"""The repository of the demonstration: a rounding rule, the test of it, two ways to mend it and what its users decided.

The test fails for two reasons that have nothing to do with each other: the rule was written wrong, or the table that it
reads was not built anew. What mends the one does nothing for the other, so what was learnt can turn out to be wrong.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from dome_contracts.canonical import digest_bytes
from dome_spec.binding import default_policy
from dome_spec.gates import default_guardrails
from dome_spec.planning import default_strategies

TEST: Final = "tests/test_interest.py::test_half_even"
TOOL: Final = "team.mend"
WRONG: Final = "int(amount + 0.5)"
RIGHT: Final = "round(amount)"
REMEDY: Final = {"file": "src/interest.py", "old": WRONG, "new": RIGHT}
SUPPORTS_MIN: Final = 3
"""So many times has a remedy to hold here before it is placed first."""

_WHO: Final = ("-c", "user.name=A person", "-c", "user.email=person@example.org")
_SCHEMA: Final = "https://json-schema.org/draft/2020-12/schema"
_TEXT: Final = {"type": "string", "minLength": 1, "maxLength": 1000}
_MEND: Final = '''"""Puts one text in the place of another in one file. Where it stands already, that is well."""

import hashlib
import json
import os
import pathlib
import sys

request = json.load(sys.stdin)
path = pathlib.Path(request["file"])
text = path.read_text() if path.is_file() else ""
line = {"type": "failure", "reason": "TOOL.FAILED", "message": "neither of the two texts is there"}
if request["old"] in text or request["new"] in text:
    mended = text.replace(request["old"], request["new"])
    path.write_text(mended)
    value = {"file": request["file"], "digest": hashlib.sha256(mended.encode()).hexdigest()}
    line = {"type": "result", "value": value}
with open(int(os.environ["DOME_CHANNEL_FD"]), "w") as channel:
    channel.write(json.dumps(line) + "\\n")
sys.exit(line["type"] == "failure")
'''
_MANIFEST: Final = f"""\
manifest_version: "1"
tool_id: {TOOL}
version: 1.0.0
title: Apply a known correction
short_description: Puts one text in the place of another in one file of src.
executor:
  backend: local-process
  command: ["{{python}}", "-I", "{{tool}}/mend.py"]
input_schema: input.json
output_schema: output.json
hints: {{read_only: false, destructive: false, idempotent: true, open_world: false}}
effects: {{filesystem: write, network: none, starts_processes: false, writes: ["src/"]}}
limits: {{run_timeout_s: 30}}
working_directory: required
deterministic: true
"""


def _schema(title: str, **properties: Mapping[str, Any]) -> str:
    document = {
        "$schema": _SCHEMA,
        "title": title,
        "description": title,
        "type": "object",
        "additionalProperties": False,
        "required": sorted(properties),
        "properties": {name: {"description": name, **each} for name, each in properties.items()},
    }
    if title == "MendInput":
        document["examples"] = [REMEDY]
    return json.dumps(document, indent=2) + "\n"


FILES: Final[Mapping[str, str]] = {
    "README.md": "# Ledger\n\nInterest is rounded half to even.\n",
    "pyproject.toml": "[project]\nname = 'ledger'\nversion = '1'\n\n[tool.pytest.ini_options]\ntestpaths = ['tests']\n",
    "src/interest.py": f"from rates import STEP\n\n\ndef half_even(amount):\n    return {WRONG} * STEP\n",
    "src/rates.py": "STEP = 1\n",
    "rates.txt": "1\n",
    "rebuild.py": (
        "import pathlib\n\nstep = pathlib.Path('rates.txt').read_text().strip()\n"
        "pathlib.Path('src/rates.py').write_text(f'STEP = {step}\\n')\n"
    ),
    "tests/test_interest.py": (
        "import sys\n\nsys.path.insert(0, 'src')\n\n\ndef test_half_even():\n"
        "    from interest import half_even\n\n    assert half_even(2.5) == 2\n"
    ),
    ".gitignore": ".venv\n__pycache__\n",
    ".dome/tools/mend/tool.yaml": _MANIFEST,
    ".dome/tools/mend/mend.py": _MEND,
    ".dome/tools/mend/input.json": _schema("MendInput", file=_TEXT, old=_TEXT, new=_TEXT),
    ".dome/tools/mend/output.json": _schema("MendOutput", file=_TEXT, digest=_TEXT),
}
"""The rule is written wrong; the table is what it shall be."""


def write(root: Path) -> None:
    """The repository with one commit, and a Python that runs its test."""
    written = {
        **FILES,
        ".dome/control_strategies.yaml": strategies_text(),
        ".dome/binder_policy.yaml": json.dumps(_policy(), indent=2),
    }
    commit(root, written)
    (root / ".venv").symlink_to(sys.prefix)


def strategies_text() -> str:
    """What this team does about a failure, as it is written down."""
    return json.dumps(_strategies(), indent=2)


def commit(root: Path, files: Mapping[str, str]) -> None:
    """A repository of git with one commit of these files."""
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    words = (
        ("init", "--quiet", "--initial-branch=main", "."),
        ("add", "-A"),
        (*_WHO, "commit", "--quiet", "-m", "first"),
    )
    for each in words:
        subprocess.run(["git", *each], cwd=root, check=True, timeout=60)


def break_rule(root: Path) -> None:
    """The rule is written wrong, as it was in the beginning."""
    (root / "src/interest.py").write_text(FILES["src/interest.py"])


def break_table(root: Path) -> None:
    """The table was not built anew: another reason why the same test fails."""
    (root / "src/rates.py").write_text("STEP = 3\n")


def only_people(path: Path) -> None:
    """A bundle of guards for one run: while the books are being closed, only a person begins a task."""
    value = default_guardrails().bundle.to_value()
    guard = value["guards"]["attempts.within"] | {
        "predicate": {"kind": "effector_among", "effector_kinds": ["human"]},
        "policy_reason_code": "GUARD.DENIED",
        "feedback": {
            "severity": "critical",
            "message": "The books are being closed: no program begins a task.",
            "hint": "Wait until they are closed.",
            "next_step": "escalate",
        },
    }
    path.write_text(json.dumps(value | {"bundle_id": "only-people", "guards": {"only.people": guard}}))


def remember(root: Path) -> None:
    """The repository's own advice about the correction, as a person writes it: not to be placed first."""
    path = root / ".dome/memory/repository.yaml"
    _write_entry(path, "repository", authority="advise", value={"use": "advisory"})
    for each in (("add", str(path)), (*_WHO, "commit", "--quiet", "-m", "What the repository remembers")):
        subprocess.run(["git", *each], cwd=root, check=True, timeout=60)


def lay_down(config_home: Path) -> None:
    """The policy of the user, which grants it, below the configuration."""
    _write_entry(config_home / "dome/memory/policy.yaml", "policy", authority="grant", value={})


def _write_entry(path: Path, layer: str, *, authority: str, value: Mapping[str, str]) -> None:
    because = "The rule was moved twice this month; look before it is corrected."
    shown = {"digest": digest_bytes(because.encode()), "location": "README.md"}
    entry = {
        "schema_version": "1",
        "layer": layer,
        "key": "remedy-team-mend",
        "statement": because if authority == "advise" else "Corrections of the rule may be placed first.",
        "authority": authority,
        "value": dict(value),
        "provenance": {"effector": {"kind": "human", "id": "ada"}, "evidence": [shown]},
        "create_time": "2024-05-17T09:30:00Z",
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(entry, indent=2))


def _strategies() -> dict[str, Any]:
    """What this team does about a failing test: build the table anew; if that was not it, correct the rule."""
    answers = [
        _answer("process.run", "*", {"argv": ["python3", "rebuild.py"]}),
        _answer(TOOL, ">=1.0.0,<2.0.0", REMEDY),
    ]
    return {**default_strategies().to_value(), "strategies_id": "ledger", "responses": {"TESTS.FAILED": answers}}


def _answer(skill_id: str, version_range: str, tool_input: Mapping[str, Any]) -> dict[str, Any]:
    skill = {"skill_id": skill_id, "version_range": version_range}
    return {"action": {"kind": "fix"}, "layer": "transform", "skill": skill, "input": dict(tool_input)}


def _policy() -> dict[str, Any]:
    """The shipped policy, but that remedies are placed first, and after fewer runs than elsewhere."""
    value = default_policy().document.to_value()
    value |= {"policy_id": "ledger", "support": {"minimum_count": SUPPORTS_MIN}}
    value["confidence"] |= {"prescriptive_min": 0.4}
    value["rollout"] |= {"stage": "prescriptive"}
    return value
