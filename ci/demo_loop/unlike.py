"""Three repositories that have little in common, and the plan that each has for a goal of its own."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ci.demo_loop import ledger
from ci.demo_loop.person import Document, Person, skill, tasks
from ci.demo_loop.telling import chapter, claim, tell

_FILES: Final[Mapping[str, Mapping[str, str]]] = {
    "library": {
        "pyproject.toml": "[project]\nname = 'ledger'\nversion = '1'\n",
        "src/ledger/interest.py": "def half_even(value): ...\n",
        "tests/test_interest.py": "def test_half_even(): ...\n",
    },
    "shop": {
        "package.json": json.dumps({"name": "shop", "scripts": {"test": "node --test"}}),
        "src/basket.js": "export const total = () => 0;\n",
        "src/basket.test.js": "test('total', () => {});\n",
    },
    "manual": {"README.md": "# Manual\n", "docs/closing.md": "# Closing the month\n"},
}
_GOALS: Final = {
    "library": "`half_even` rounds half to even.",
    "shop": "`total` adds what is in the basket.",
    "manual": "It is said how a month is closed.",
}


def compare(root: Path, environ: Mapping[str, str]) -> None:
    """Plan in each of them. Raises ClaimFalse."""
    chapter("Three repositories, three plans: each by its own facts")
    plans = {}
    for name, files in _FILES.items():
        ledger.commit(_made(root / name), files)
        plan = Person(root / name, environ).asks("plan", "new", "--goal", _GOALS[name], "--json").document
        tell(f"{name}: {'; '.join(_words(plan))}")
        plans[name] = plan
    tests = {name: _tested_with(plan) for name, plan in plans.items()}
    expected = {"library": {"repo.test"}, "shop": {"process.run"}, "manual": set()}
    claim("the library is tested with pytest, the shop with npm, the manual not at all", holds=tests == expected,
          found=tests)  # fmt: skip
    judged = [each["spec"]["acceptance_criteria"] for each in plans["manual"]["tasks"].values()]
    by_check = [criterion for criteria in judged for criterion in criteria if "check" in criterion]
    claim("what no check decides in the manual is left to a person", holds=any(judged) and not by_check, found=judged)


def _made(root: Path) -> Path:
    root.mkdir()
    return root


def _words(plan: Document) -> list[str]:
    return [f"{task['layer']} {task['spec']['target']['id']} with {skill(task)}" for _, task in tasks(plan)]


def _tested_with(plan: Document) -> set[str]:
    return {skill(task) for _, task in tasks(plan) if task["layer"] == "verify"}
