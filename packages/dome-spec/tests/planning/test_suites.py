"""What tests a repository, by the files that say so."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from dome_spec.planning import facts_of

NPM = json.dumps({"scripts": {"test": "node --test"}})


def suites(paths: list[str], texts: Mapping[str, str] | None = None) -> list[tuple[str, dict[str, Any]]]:
    facts = facts_of("c", paths, lambda path: (texts or {}).get(path, ""))
    return [(each.name, each.tool_input) for each in facts.suites]


@pytest.mark.parametrize(
    ("paths", "texts", "expected"),
    [
        (["a/tests/unit/test_x.py", "b/tests/y_test.py"], {}, [("pytest:.", {"paths": ["a/tests", "b/tests"]})]),
        (["lib/test_x.py", "test_y.py"], {}, [("pytest:.", {"paths": ["lib", "test_y.py"]})]),
        (["tests/test_x.py", "pytest.ini"], {}, [("pytest:.", {})]),
        (["tests/test_x.py", "pyproject.toml"], {"pyproject.toml": "[tool.pytest.ini_options]"}, [("pytest:.", {})]),
        (["tests/data.py", "src/contest.py"], {}, []),
        (["package.json"], {"package.json": NPM}, [("npm:.", {"argv": ["npm", "test"]})]),
        (["web/package.json"], {"web/package.json": NPM}, [("npm:web", {"argv": ["npm", "--prefix", "web", "test"]})]),
        (["package.json"], {"package.json": '{"scripts": {"test": "echo no test specified"}}'}, []),
        (["package.json"], {"package.json": "{"}, []),
        (["package.json"], {"package.json": '{"scripts": []}'}, []),
        (["go.mod"], {}, [("go:.", {"argv": ["go", "test", "./..."]})]),
        (["x/go.mod"], {}, [("go:x", {"argv": ["go", "-C", "x", "test", "./..."]})]),
        (["Cargo.toml", "member/Cargo.toml"], {}, [("cargo:.", {"argv": ["cargo", "test"]})]),
        (
            ["a/Cargo.toml"],
            {},
            [("cargo:a", {"argv": ["cargo", "test", "--manifest-path", "a/Cargo.toml"]})],
        ),
        (["Makefile"], {"Makefile": "all:\n\ntest: all\n"}, [("make:.", {"argv": ["make", "test"]})]),
        (["Makefile", "go.mod"], {"Makefile": "test:\n"}, [("go:.", {"argv": ["go", "test", "./..."]})]),
        (["vendor/x/go.mod", "node_modules/y/package.json"], {"node_modules/y/package.json": NPM}, []),
    ],
)
def test_a_suite_is_found_by_the_files_that_say_so(
    paths: list[str], texts: Mapping[str, str], expected: list[tuple[str, dict[str, Any]]]
) -> None:
    assert suites(paths, texts) == expected


def test_with_too_many_folders_of_tests_the_configuration_says_where_they_are() -> None:
    assert suites([f"p{number:02}/tests/test_a.py" for number in range(40)]) == [("pytest:.", {})]


def test_names_that_no_line_can_show_are_left_out() -> None:
    assert facts_of("c", ["a\udcff.py", "b\n.py", "c.py"], lambda _: "").paths == ("c.py",)
