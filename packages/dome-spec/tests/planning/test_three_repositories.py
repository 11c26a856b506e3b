"""Plans on three unlike repositories, made by git's own objects: they differ as a person would expect."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from dulwich.objects import Blob, Commit, ObjectID
from dulwich.objects import Tree as GitTree
from dulwich.refs import Ref
from dulwich.repo import Repo

from dome_contracts.schema.planning.plan import Plan
from dome_spec.kernel import Repository
from dome_spec.planning import Wanted, default_strategies, head_of, look, make_plan, packet_of
from tests.plans_made import WHEN, seen

REPOSITORY_ID = "repo-01hr47m300dw48d4by8jq7k94x"
Files = Mapping[str, str]

PYTHON: Files = {
    "pyproject.toml": "[project]\nname = 'ledger'\n",
    "src/ledger/__init__.py": "",
    "src/ledger/interest.py": "def half_even(value): ...\n",
    "tests/test_interest.py": "def test_half_even(): ...\n",
    "README.md": "# Ledger\n",
}
NODE: Files = {
    "package.json": json.dumps({"name": "shop", "scripts": {"test": "node --test"}}),
    "src/basket.js": "export const total = () => 0;\n",
    "src/basket.test.js": "test('total', () => {});\n",
    "node_modules/left-pad/package.json": json.dumps({"scripts": {"test": "tap"}}),
    "README.md": "# Shop\n",
}
DOCUMENTS: Files = {
    "README.md": "# Manual\n",
    "docs/closing.md": "# Closing the month\n",
    "docs/opening.rst": "Opening\n=======\n",
}


def commit(root: Path, files: Files) -> Path:
    """A repository with one commit of these files, on the branch `main`."""
    root.mkdir()
    repo = Repo.init(root)
    top: dict[str, Any] = {}
    for path, text in files.items():
        *folders, name = path.split("/")
        folder = top
        for each in folders:
            folder = folder.setdefault(each, {})
        folder[name] = text
    made = Commit()
    made.tree = _tree(repo, top)
    made.author = made.committer = b"A <a@example.org>"
    made.author_time = made.commit_time = 1_577_836_800
    made.author_timezone = made.commit_timezone = 0
    made.message = b"first"
    repo.object_store.add_object(made)
    main = Ref(b"refs/heads/main")
    repo.refs.set_symbolic_ref(Ref(b"HEAD"), main)
    repo.refs[main] = made.id
    repo.close()
    return root


def _tree(repo: Repo, folder: Mapping[str, Any]) -> ObjectID:
    tree = GitTree()
    for name, content in folder.items():
        if isinstance(content, str):
            blob = Blob.from_string(content.encode())
            repo.object_store.add_object(blob)
            tree.add(name.encode(), 0o100644, blob.id)
        else:
            tree.add(name.encode(), 0o040000, _tree(repo, content))
    repo.object_store.add_object(tree)
    return tree.id


def planned(root: Path, goal: str, *criteria: str, allowed: str = "**") -> Plan:
    """The plan for a goal in a repository, from a few words and its facts alone."""
    with Repository.find(root) as repository:
        head = head_of(repository)
        facts = look(repository, head.commit_id)
    base = {"repository_id": REPOSITORY_ID, "base_ref": head.ref, "base_commit": head.commit_id}
    packet = packet_of(Wanted(goal=goal, criteria=criteria, allowed_paths=[allowed]), facts, base)
    return make_plan(packet, facts, strategies=default_strategies(), evaluate_time=WHEN)


@pytest.fixture
def python(tmp_path: Path) -> Path:
    return commit(tmp_path / "python", PYTHON)


@pytest.fixture
def node(tmp_path: Path) -> Path:
    return commit(tmp_path / "node", NODE)


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    return commit(tmp_path / "documents", DOCUMENTS)


def test_a_python_package_is_tested_with_its_own_pytest_before_and_after(python: Path) -> None:
    assert [sorted(wave) for wave in seen(planned(python, "`half_even` rounds half to even."))] == [
        ["diagnose half_even (repo.search)", "observe tests (repo.test)"],
        ["transform half-even-rounds-half-to-even (codex.exec)"],
        ["verify tests (repo.test)"],
        ["gate_inputs difference (process.run)", "gate_inputs listing (process.run)"],
    ]


def test_a_node_project_is_tested_with_its_own_script(node: Path) -> None:
    plan = planned(node, "`total` adds what is in the basket.")
    assert [sorted(wave) for wave in seen(plan)] == [
        ["diagnose total (repo.search)", "observe npm test (process.run)"],
        ["transform total-adds-what-is-in-the-basket (codex.exec)"],
        ["verify npm test (process.run)"],
        ["gate_inputs difference (process.run)", "gate_inputs listing (process.run)"],
    ]
    search = next(task.spec for task in plan.tasks.values() if task.layer.value == "diagnose")
    assert "*.js" in search.input["globs"]
    assert "*.py" not in search.input["globs"]


def test_documents_alone_are_outlined_searched_changed_and_shown_to_a_person(documents: Path) -> None:
    goal = "The manual says how a month is closed, in `docs/closing.md`."
    plan = planned(documents, goal, "An accountant could do it.")
    assert [sorted(wave) for wave in seen(plan)] == [
        ["diagnose docs/closing.md (repo.search)", "observe documents (repo.search)"],
        ["transform the-manual-says-how-a-month-is-closed-in-docs-closing-md (codex.exec)"],
        ["gate_inputs difference (process.run)", "gate_inputs listing (process.run)"],
    ]
    decided = {
        name.spec.target.id: [each.criterion_id for each in name.spec.acceptance_criteria]
        for name in plan.tasks.values()
    }
    assert decided["difference"] == ["AC01"]


def test_of_a_package_with_documents_only_what_the_change_may_touch_is_tested(python: Path) -> None:
    plan = planned(python, "The manual is right.", "A person says so.", allowed="README.md")
    assert "repo.test" not in str(seen(plan))
    assert "observe documents (repo.search)" in seen(plan)[0]


def test_the_facts_say_languages_suites_and_documents_and_leave_foreign_packages_out(node: Path, python: Path) -> None:
    with Repository.find(node) as repository:
        facts = look(repository, head_of(repository).commit_id)
    assert [(each.name, each.files_count) for each in facts.languages] == [("javascript", 2), ("markdown", 1)]
    assert [(each.name, each.tool_input) for each in facts.suites] == [("npm:.", {"argv": ["npm", "test"]})]
    assert facts.documents == ("README.md",)
    with Repository.find(python) as repository:
        assert head_of(repository).ref == "refs/heads/main"
        assert [each.name for each in look(repository, head_of(repository).commit_id).suites] == ["pytest:."]


def test_a_head_that_is_no_branch_is_said_so(python: Path) -> None:
    with Repository.find(python) as repository:
        commit_id = head_of(repository).commit_id
    (python / ".git/HEAD").write_text(f"{commit_id}\n")
    with Repository.find(python) as repository:
        assert head_of(repository) == type(head_of(repository))("refs/heads/HEAD", commit_id)
