"""What was approved with a tool is all that runs of it."""

import importlib.util
import py_compile
from pathlib import Path

import pytest
from grpclib.const import Status

from domed.config import Config
from packages.domed.tests.runtime.conftest import refusal
from packages.domed.tests.runtime_suite import Running, a_config, running


async def test_a_file_beside_the_program_is_part_of_what_was_approved(dome: Running, tmp_path: Path) -> None:
    folder = tmp_path / "tools" / "user.sourcing"
    said = (await dome.execute("user.sourcing")).job_id
    assert any(event.output and event.output.data == b"good\n" for event in await dome.events(said))
    (folder / "part.sh").write_text("echo evil")
    assert (await refusal(dome.execute("user.sourcing")))[:2] == (Status.FAILED_PRECONDITION, "TOOL_UNTRUSTED")


def plant(folder: Path) -> None:
    """A compiled file that says otherwise than its source, and that Python takes without a look at the source."""
    part = folder / "part.py"
    part.write_text("print('evil')")
    py_compile.compile(
        str(part),
        importlib.util.cache_from_source(str(part)),
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    part.write_text("print('good')")


@pytest.mark.parametrize("tool_id", ["user.python", "user.isolated"])
async def test_a_compiled_file_that_is_planted_makes_another_tool(dome: Running, tmp_path: Path, tool_id: str) -> None:
    said = (await dome.execute(tool_id)).job_id
    assert [event.output.data for event in await dome.events(said) if event.output] == [b"good\n"]
    # The run itself leaves nothing that counts.
    assert (await dome.execute(tool_id)).job_id
    plant(tmp_path / "tools" / tool_id)
    assert (await refusal(dome.execute(tool_id)))[1] == "TOOL_UNTRUSTED"


async def test_a_compiled_file_that_was_approved_with_a_tool_is_not_read(config: Config, tmp_path: Path) -> None:
    folder = tmp_path / "tools" / "user.python"
    plant(folder)
    async with running(a_config(tmp_path)) as dome:
        said = (await dome.execute("user.python")).job_id
        assert [event.output.data for event in await dome.events(said) if event.output] == [b"good\n"]
    assert len(list((folder / "__pycache__").iterdir())) == 1
