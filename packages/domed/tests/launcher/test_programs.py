"""Which files a start executes."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from domed.launcher.programs import needed


def script(path: Path, first_line: str) -> str:
    path.write_text(f"{first_line}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.skipif(sys.platform != "linux", reason="reads ELF files")
def test_a_program_needs_itself_and_its_loader() -> None:
    shell = shutil.which("sh")
    assert shell is not None
    found = needed(["sh"], os.environ["PATH"])
    assert found[0] == shell
    assert all(os.path.isfile(file) for file in found)
    loaders = subprocess.run(["ldd", shell], capture_output=True, text=True, check=False).stdout
    assert all(loader in loaders for loader in found[1:])


def test_a_script_needs_its_interpreter(tmp_path: Path) -> None:
    inner = script(tmp_path / "inner", "#!/bin/sh -e")
    outer = script(tmp_path / "outer", f"#!{inner}")
    assert needed([outer], "")[:3] == [outer, inner, "/bin/sh"]


@pytest.mark.parametrize("first_line", ["#!/usr/bin/env sh", "#!/usr/bin/env -S sh -e", "#!/usr/bin/env A=b sh"])
def test_who_becomes_the_interpreter_needs_it_too(tmp_path: Path, first_line: str) -> None:
    path = script(tmp_path / "script", first_line)
    assert any(file.endswith("/sh") for file in needed([path], "/usr/bin:/bin"))


def test_a_circle_of_interpreters_has_an_end(tmp_path: Path) -> None:
    path = tmp_path / "script"
    script(path, f"#!{path}")
    assert set(needed([str(path)], "")) == {str(path)}


@pytest.mark.parametrize("head", [b"", b"\x7fELF", b"\x7fELF\x02\x01" + bytes(58), b"\x7fELF" + b"\xff" * 100, b"#!"])
def test_a_broken_file_needs_itself_only(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "broken").write_bytes(head)
    assert needed([str(tmp_path / "broken")], "") == [str(tmp_path / "broken")]


def test_what_does_not_exist_needs_nothing() -> None:
    assert needed(["dome-there-is-no-such-program"], "/usr/bin") == []
