"""What tests a repository: its suites, by the files that say so. Nothing is run, and nothing installed is looked at."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from dome_spec.planning.skills import RUN, TEST, Skill

Text = Callable[[str], str]
ROOTS_MAX: Final = 32
"""Most folders of tests that a suite names; with more of them its own configuration says where tests are."""
_PYTHON_TEST: Final = re.compile(r"(?:.*/)?(?:test_[^/]*|[^/]*_test)\.py")
_TEST_FOLDERS: Final = frozenset({"test", "tests"})
_FOREIGN: Final = frozenset({"node_modules", "vendor", "third_party"})
_NO_TESTS: Final = "no test specified"
_CONFIGURED: Final = MappingProxyType(
    {"pytest.ini": "", "pyproject.toml": "[tool.pytest", "tox.ini": "[pytest]", "setup.cfg": "[tool:pytest]"}
)
_MAKE_TARGET: Final = re.compile(r"^test\s*:", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Suite:
    """One way in which a repository tests itself."""

    name: str
    """The runner, and the folder where it begins: `pytest:.`, `npm:web`."""
    skill: Skill
    tool_input: dict[str, Any]
    languages: frozenset[str]
    """A change of files in these languages may turn it red."""
    root: str
    """The folder whose files it tests; empty for all."""
    because: str


def suites_of(paths: Sequence[str], text: Text) -> tuple[Suite, ...]:
    """The suites, by name."""
    own = [path for path in paths if not _FOREIGN & set(path.split("/"))]
    found = [*_pytest(own, text), *_node(own, text), *_go(own), *_cargo(own)]
    return tuple(sorted(found or _make(own, text), key=lambda suite: suite.name))


def _pytest(paths: Sequence[str], text: Text) -> Iterator[Suite]:
    tests = [path for path in paths if _PYTHON_TEST.fullmatch(path)]
    if not tests:
        return
    roots = sorted({_test_root(path) for path in tests})
    roots = [root for root in roots if not any(root.startswith(f"{other}/") for other in roots)]
    configured = next((name for name, mark in _CONFIGURED.items() if name in paths and mark in text(name)), None)
    by_configuration = configured is not None or len(roots) > ROOTS_MAX
    where = f"as {configured} says" if configured else f"in {', '.join(roots[:3])}" + (" ..." if len(roots) > 3 else "")
    yield Suite(
        "pytest:.", TEST, {} if by_configuration else {"paths": roots}, frozenset({"python"}), "",
        f"Tests for pytest, {where} ({len(tests)} of its files).",
    )  # fmt: skip


def _test_root(path: str) -> str:
    """The highest folder of tests that a test lies in; else its own folder, else the file."""
    folders = path.split("/")[:-1]
    for depth, folder in enumerate(folders):
        if folder in _TEST_FOLDERS:
            return "/".join(folders[: depth + 1])
    return "/".join(folders) or path


def _node(paths: Sequence[str], text: Text) -> Iterator[Suite]:
    for path in _named(paths, "package.json"):
        try:
            content = json.loads(text(path) or "{}")
            script = content.get("scripts", {}).get("test", "")
        except (ValueError, AttributeError):  # no package after all, as far as tests go
            continue
        if isinstance(script, str) and script and _NO_TESTS not in script:
            root = path.rpartition("/")[0]
            argv = ["npm", *(["--prefix", root] if root else []), "test"]
            languages = frozenset({"javascript", "typescript"})
            because = f"{path} has a script `test`."
            yield Suite(f"npm:{root or '.'}", RUN, {"argv": argv}, languages, root, because)


def _go(paths: Sequence[str]) -> Iterator[Suite]:
    for path in _named(paths, "go.mod"):
        root = path.rpartition("/")[0]
        argv = ["go", *(["-C", root] if root else []), "test", "./..."]
        yield Suite(f"go:{root or '.'}", RUN, {"argv": argv}, frozenset({"go"}), root, f"{path} makes a module of Go.")


def _cargo(paths: Sequence[str]) -> Iterator[Suite]:
    manifests = _named(paths, "Cargo.toml")
    folders = [path.rpartition("/")[0] for path in manifests]
    for path, root in zip(manifests, folders, strict=True):
        if not any(root != other and _lies_in(root, other) for other in folders):  # else a member of that workspace
            argv = ["cargo", "test", *(["--manifest-path", path] if root else [])]
            because = f"{path} makes a crate of Rust."
            yield Suite(f"cargo:{root or '.'}", RUN, {"argv": argv}, frozenset({"rust"}), root, because)


def _make(paths: Sequence[str], text: Text) -> list[Suite]:
    """Where nothing else says how: a target `test` for make."""
    if "Makefile" not in paths or not _MAKE_TARGET.search(text("Makefile")):
        return []
    return [Suite("make:.", RUN, {"argv": ["make", "test"]}, frozenset(), "", "The Makefile has a target `test`.")]


def _named(paths: Sequence[str], name: str) -> list[str]:
    return [path for path in paths if path.rpartition("/")[2] == name]


def _lies_in(folder: str, other: str) -> bool:
    return not other or folder.startswith(f"{other}/")
