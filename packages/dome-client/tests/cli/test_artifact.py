"""`dome artifact`: bytes to standard output, or into a file that appears when it is whole."""

import json
import os
from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path

import pytest

from dome_client.testing import FakeRuntime
from dome_contracts.canonical import digest_bytes
from dome_contracts.exit_codes import Exit

Command = Callable[..., tuple[int, bytes, str]]
TEXT = "0123456789" * 30


@pytest.fixture
def job(dome: Command) -> str:
    code, out, _ = dome("run", "test.produce", "--set", "name=report.txt", "--set", f'text="{TEXT}"', "--detach")
    assert code == 0
    return out.decode().strip()


@pytest.fixture
def damaged(runtime: FakeRuntime, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A runtime that sends other bytes than the digest says."""

    async def artifact(digest: str, *, offset: int = 0) -> AsyncGenerator[bytes, None]:
        yield b"something "
        yield b"else"

    with monkeypatch.context() as patched:
        patched.setattr(runtime, "artifact", artifact)
        yield


def test_the_bytes_go_to_standard_output(dome: Command, job: str) -> None:
    assert dome("artifact", job, "report.txt") == (0, TEXT.encode(), "")
    assert dome("artifact", job, "report.txt", "--output", "-")[1] == TEXT.encode()


def test_a_file_is_written_and_said(dome: Command, job: str, tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    code, out, _ = dome("artifact", job, "report.txt", "--output", str(path))
    assert (code, out.decode()) == (0, f"{path}  300 bytes  {digest_bytes(TEXT.encode())}\n")
    assert path.read_text() == TEXT
    assert os.listdir(tmp_path) == ["out.txt"]


def test_a_directory_gets_the_file_under_its_name(dome: Command, job: str, tmp_path: Path) -> None:
    code, out, _ = dome("artifact", job, "report.txt", "--json", "--output", str(tmp_path))
    assert code == 0
    said = json.loads(out)
    assert (said["name"], said["size_bytes"], said["media_type"]) == ("report.txt", 300, "text/plain")
    assert (tmp_path / "report.txt").read_text() == TEXT


@pytest.mark.parametrize("taken", ["file", "link"])
def test_what_is_there_is_replaced_only_when_that_is_asked_for(
    dome: Command, job: str, tmp_path: Path, taken: str
) -> None:
    path = tmp_path / "out.txt"
    if taken == "file":
        path.write_text("precious")
    else:
        path.symlink_to("nowhere")
    code, out, err = dome("artifact", job, "report.txt", "--output", str(path))
    assert (code, out) == (Exit.PRECONDITION, b"")
    assert "--force" in err
    assert path.is_symlink() or path.read_text() == "precious"
    assert dome("artifact", job, "report.txt", "--output", str(path), "--force")[0] == 0
    assert path.read_text() == TEXT
    assert os.listdir(tmp_path) == ["out.txt"]


def test_a_name_that_no_artifact_has_is_told_with_those_there_are(dome: Command, job: str) -> None:
    code, out, err = dome("artifact", job, "other")
    assert (code, out) == (Exit.NOT_FOUND, b"")
    assert "It has: report.txt." in err
    assert json.loads(dome("artifact", job, "other", "--json", "--output", "x")[2])["error"]["reason"] == (
        "ARTIFACT_NOT_FOUND"
    )


def test_a_job_without_artifacts_says_so(dome: Command) -> None:
    job = dome("run", "test.print", "--set", "lines=1", "--detach")[1].decode().strip()
    assert "It has: none." in dome("artifact", job, "x")[2]


@pytest.mark.usefixtures("damaged")
def test_damaged_bytes_make_no_file(dome: Command, job: str, tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    path.write_text("precious")
    for words in (["--force"], []):
        target = path if words else tmp_path / "new.txt"
        code, _, err = dome("artifact", job, "report.txt", "--output", str(target), *words)
        assert code == Exit.INTERNAL
        assert "have the digest" in err
    assert os.listdir(tmp_path) == ["out.txt"]
    assert path.read_text() == "precious"


@pytest.mark.usefixtures("damaged")
def test_damaged_bytes_on_standard_output_are_no_success(dome: Command, job: str) -> None:
    assert dome("artifact", job, "report.txt")[0] == Exit.INTERNAL


def test_a_place_that_cannot_be_written_is_told(dome: Command, job: str, tmp_path: Path) -> None:
    code, _, err = dome("artifact", job, "report.txt", "--output", str(tmp_path / "no" / "such" / "file"))
    assert code == Exit.OUTPUT_LOST
    assert "No such file or directory" in err


@pytest.mark.parametrize("words", [["--json"], ["--force"], ["--output", ""]])
def test_options_that_do_not_fit_are_refused(dome: Command, words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        dome("artifact", "job-x", "report.txt", *words)
    assert ended.value.code == Exit.USAGE
