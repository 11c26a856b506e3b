"""Size, words, exports and mirrored tests: each planted fault is found, and honest code gives no alarm."""

from pathlib import Path

import pytest

from ci.gates import duplication, exports, mirror, size, words
from tests.ci.gate_trees import said, source, write

MODULE = source("domed", "sample.py")


def test_a_long_module_is_found(tmp_path: Path) -> None:
    write(tmp_path, MODULE, "x = 1\n" * 301)
    assert "301 lines, at most 300" in said(size.check(tmp_path))


def test_a_long_function_is_found_and_its_docstring_not_counted(tmp_path: Path) -> None:
    documented = '    """Says much.\n' + "\n" * 40 + '    """\n'
    write(tmp_path, MODULE, "def short():\n" + documented + "    x = 1\n" * 59 + "def long():\n" + "    x = 1\n" * 60)
    (found,) = size.check(tmp_path)
    assert found.what == "long has 61 lines, at most 60"


def test_a_long_gate_is_found(tmp_path: Path) -> None:
    write(tmp_path, "ci/gates/sample.py", "x = 1\n" * 81)
    assert "81 lines, at most 80" in said(size.check(tmp_path))


@pytest.mark.parametrize(
    ("module", "text", "complaint"),
    [
        ("utils.py", "", "`utils` is no noun"),
        ("helpers/parse.py", "", "`helpers` is no noun"),
        ("sample.py", "# TODO: later\n", "'TODO' leaves work behind"),
        ("sample.py", "# This is now faster.\n", "'is now' tells when"),
        ("sample.py", "def f():\n    '''Used by legacy callers.'''\n", "'legacy' tells when"),
        ("sample.py", "# See issue 12.\n", "'issue 12' tells when"),
        ("sample.py", "# The retry is why, see #3245.\n", "'see #3245' tells when"),
    ],
)
def test_a_bad_word_is_found(tmp_path: Path, module: str, text: str, complaint: str) -> None:
    write(tmp_path, source("domed", module), text)
    assert complaint in said(words.check(tmp_path))


def test_honest_words_give_no_alarm(tmp_path: Path) -> None:
    text = "'''Searches for TODO.'''\nnow = clock.now()  # a new job gets a new id; now() is UTC\nTODO = 'TODO'\n"
    write(tmp_path, MODULE, text)
    assert words.check(tmp_path) == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("def f(): pass\n", "logic in an `__init__`"),
        ("from domed.a import b\n", "b is visible and not in `__all__`"),
        ("__all__ = ['c']\n", "`__all__` promises c"),
    ],
)
def test_an_init_with_more_than_a_promise_is_found(tmp_path: Path, text: str, complaint: str) -> None:
    write(tmp_path, source("domed", "part/__init__.py"), text)
    assert complaint in said(exports.check(tmp_path))


def test_an_init_that_promises_is_clean(tmp_path: Path) -> None:
    write(tmp_path, source("domed", "part/__init__.py"), '"""Parts."""\n\nfrom domed.a import b\n\n__all__ = ["b"]\n')
    lazy = (
        '"""Lazy."""\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from domed.a import b\n'
        '__all__ = ["b"]\ndef __getattr__(name: str) -> object:\n    from domed.a import b\n    return b\n'
    )
    write(tmp_path, source("domed", "lazy/__init__.py"), lazy)
    assert exports.check(tmp_path) == []


def test_logic_without_a_test_is_found(tmp_path: Path) -> None:
    write(tmp_path, MODULE, "def f():\n    return 1\n")
    assert "no test is named after it" in said(mirror.check(tmp_path))
    write(tmp_path, "packages/dome-client/tests/test_sample.py", "")
    assert "no test is named after it" in said(mirror.check(tmp_path))


@pytest.mark.parametrize(
    ("test", "text"),
    [
        ("packages/domed/tests/test_sample.py", ""),
        ("packages/domed/tests/test_other.py", "from domed.sample import f\n"),
        ("tests/contract/test_other.py", "from domed import sample\n"),
    ],
)
def test_logic_with_a_test_is_clean(tmp_path: Path, test: str, text: str) -> None:
    write(tmp_path, MODULE, "def f():\n    return 1\n")
    write(tmp_path, test, text)
    assert mirror.check(tmp_path) == []


def test_what_a_tested_module_uses_is_tested_through_it(tmp_path: Path) -> None:
    write(tmp_path, source("domed", "part/__init__.py"), "from domed.part.sample import f\n")
    write(tmp_path, source("domed", "part/sample.py"), "from domed.part.deep import g\ndef f():\n    return g()\n")
    write(tmp_path, source("domed", "part/deep.py"), "from domed.part.deeper import g\ndef h():\n    return g()\n")
    write(tmp_path, source("domed", "part/deeper.py"), "def g():\n    return 1\n")
    assert len(mirror.check(tmp_path)) == 3
    write(tmp_path, "packages/domed/tests/test_other.py", "from domed.part import f\n")
    assert mirror.check(tmp_path) == []


def test_ports_and_values_need_no_test(tmp_path: Path) -> None:
    write(
        tmp_path, MODULE, "class Port(Protocol):\n    def f(self) -> int:\n        '''Promise.'''\n        ...\nX = 1\n"
    )
    assert mirror.check(tmp_path) == []


def test_repeated_code_is_found(tmp_path: Path) -> None:
    body = "".join(f"    value_{n} = compute(argument_{n}, other_{n}) + {n}\n" for n in range(30))
    write(tmp_path, source("domed", "one.py"), f"def one():\n{body}")
    assert duplication.check(tmp_path) == []
    write(tmp_path, source("domed", "two.py"), f"def two():\n{body}")
    (found,) = duplication.check(tmp_path)
    assert found.place.startswith(source("domed", "one.py"))
    assert f"lines stand in {source('domed', 'two.py')}" in found.what
