"""Ruff's and mypy's answers become findings."""

from pathlib import Path

from ci.gates import strict_types, style
from tests.ci.gate_trees import copy, said, source, write

CLEAN = '"""Holds one value."""\n\nVALUE: int = 1\n'


def test_ruffs_findings_are_told(tmp_path: Path) -> None:
    copy(tmp_path, "pyproject.toml")
    path = source("domed", "sample.py")
    write(tmp_path, path, CLEAN)
    assert style.lint(tmp_path) == []
    assert style.form(tmp_path) == []
    write(tmp_path, path, CLEAN + "import os\nPATH = os.environ['PATH']\n")
    assert f"{path}:" in said(style.lint(tmp_path))
    assert "TID251" in said(style.lint(tmp_path))
    assert [found.place for found in style.form(tmp_path)] == [path]


def test_mypys_findings_are_told(tmp_path: Path) -> None:
    copy(tmp_path, "pyproject.toml")
    path = write(tmp_path, source("domed", "sample.py"), CLEAN)
    assert strict_types.check(tmp_path) == []
    path.write_text(CLEAN.replace("= 1", '= "one"'))
    (found,) = strict_types.check(tmp_path)
    assert found.place == f"{source('domed', 'sample.py')}:3"
    assert "Incompatible types" in found.what
