"""What is asked for by name is at hand without reading everything, and no edit of it is missed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dome_contracts.runtime.v1 import ToolOrigin
from domed.catalog import Catalog
from domed.catalog.catalog import AtHand
from domed.errors import SkillNotFound

WriteTool = Callable[..., Path]


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.time_s = 0.0

    def __call__(self) -> float:
        return self.time_s


@pytest.mark.parametrize("settled", [False, True])
def test_asking_for_one_tool_sees_every_edit_to_it(tmp_path: Path, write_tool: WriteTool, settled: bool) -> None:
    hand = Hand()
    catalog = Catalog(tmp_path / "builtin", [tmp_path / "user"], [".dome/tools"], monotonic=hand)
    folder = write_tool(tmp_path / "work/.dome/tools/echo")
    work = str(tmp_path / "work")
    tool = catalog.require("demo.echo", work)
    if settled:
        hand.time_s += 0.5
        assert catalog.view(work).require("demo.echo") is tool
    assert catalog.require("demo.echo", work) is tool
    (folder / "run.sh").write_text("tac\n")
    edited = catalog.require("demo.echo", work)
    assert edited.digest != tool.digest
    (folder / "tool.yaml").unlink()
    with pytest.raises(SkillNotFound):
        catalog.require("demo.echo", work)
    with pytest.raises(SkillNotFound):
        catalog.require("demo.echo")


def test_asking_for_one_tool_sees_that_a_folder_has_come_before_it(tmp_path: Path, write_tool: WriteTool) -> None:
    hand = Hand()
    catalog = Catalog(tmp_path / "builtin", [tmp_path / "user"], monotonic=hand)
    write_tool(tmp_path / "user/b")
    catalog.view()
    hand.time_s += 0.5
    catalog.view()
    early = write_tool(tmp_path / "user/a")
    assert catalog.require("demo.echo").location == early


def test_asking_for_one_tool_sees_after_a_second_that_another_folder_took_its_id(
    tmp_path: Path, write_tool: WriteTool
) -> None:
    hand = Hand()
    catalog = Catalog(tmp_path / "builtin", [tmp_path / "user"], monotonic=hand)
    early = write_tool(tmp_path / "user/a", {"tool_id": "other"})
    late = write_tool(tmp_path / "user/b")
    catalog.view()
    hand.time_s += 0.5
    catalog.view()
    manifest = early / "tool.yaml"
    manifest.write_text(manifest.read_text().replace("tool_id: other", "tool_id: demo.echo"))
    assert catalog.require("demo.echo").location == late
    hand.time_s += 1.1
    assert catalog.require("demo.echo").location == early


def test_what_is_at_hand_is_told_without_reading_and_says_when_the_others_were_looked_at(
    tmp_path: Path, write_tool: WriteTool
) -> None:
    hand = Hand()
    catalog = Catalog(tmp_path / "builtin", [tmp_path / "user"], monotonic=hand)
    write_tool(tmp_path / "user/echo")
    assert catalog.at_hand("demo.echo") is None
    tool = catalog.view().require("demo.echo")
    assert catalog.at_hand("demo.echo") is None, "the first reading may have been within the tick of an edit"
    hand.time_s += 0.5
    catalog.view()
    assert catalog.at_hand("demo.echo") == AtHand(tool, is_recent=True)
    hand.time_s += 60
    assert catalog.at_hand("demo.echo") == AtHand(tool, is_recent=False)


def test_a_shipped_tool_is_at_hand_before_any_other_root_was_read(tmp_path: Path, write_tool: WriteTool) -> None:
    hand = Hand()
    catalog = Catalog(tmp_path / "builtin", [tmp_path / "user"], monotonic=hand)
    write_tool(tmp_path / "builtin/echo")
    write_tool(tmp_path / "user/echo")
    catalog.shipped()
    hand.time_s += 0.5
    tool = catalog.shipped().require("demo.echo")
    found = catalog.at_hand("demo.echo")
    assert found == AtHand(tool, is_recent=True)
    assert tool.origin is ToolOrigin.BUILT_IN


def test_what_is_old_is_at_hand_after_one_reading_and_what_is_fresh_is_not(
    tmp_path: Path, write_tool: WriteTool
) -> None:
    folder = write_tool(tmp_path / "user/echo")

    def read(*, later: timedelta) -> Catalog:
        now = datetime.now(UTC) + later
        catalog = Catalog(tmp_path / "builtin", [tmp_path / "user"], monotonic=Hand(), now=lambda: now)
        catalog.view()
        return catalog

    assert read(later=timedelta()).at_hand("demo.echo") is None
    assert read(later=-timedelta(days=1)).at_hand("demo.echo") is None, "a file from the future proves nothing"
    catalog = read(later=timedelta(minutes=2))
    found = catalog.at_hand("demo.echo")
    assert found is not None
    (folder / "run.sh").write_text("tac\n")
    assert catalog.at_hand("demo.echo") is None
    assert catalog.require("demo.echo").digest != found.tool.digest


def test_a_tool_with_many_files_is_never_at_hand(tmp_path: Path, write_tool: WriteTool) -> None:
    hand = Hand()
    catalog = Catalog(tmp_path / "builtin", [tmp_path / "user"], monotonic=hand)
    write_tool(tmp_path / "user/echo", files={f"data/{number}": "" for number in range(200)})
    catalog.view()
    hand.time_s += 0.5
    assert catalog.view().tool("demo.echo") is not None
    assert catalog.at_hand("demo.echo") is None


def test_an_edit_within_one_tick_of_the_clock_is_seen(tmp_path: Path, write_tool: WriteTool) -> None:
    hand = Hand()
    catalog = Catalog(tmp_path / "builtin", [tmp_path / "user"], monotonic=hand)
    manifest = write_tool(tmp_path / "user/echo") / "tool.yaml"
    for number in range(30):
        manifest.write_text(
            manifest.read_text().replace("1.2.3", "1.2.4")
            if number % 2 == 0
            else manifest.read_text().replace("1.2.4", "1.2.3")
        )
        assert catalog.view().require("demo.echo").version == ("1.2.4" if number % 2 == 0 else "1.2.3")
