"""Views of the catalog: order, collisions, edits, revision, trust."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dome_contracts.canonical import digest_bytes
from dome_contracts.runtime.v1 import CatalogProblemKind, ToolOrigin
from domed.catalog import BUILT_IN_ROOT, Catalog, Tool
from domed.clock import SystemClock
from domed.errors import SkillNotFound

WriteTool = Callable[..., Path]


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(
        tmp_path / "builtin", [tmp_path / "user"], [".dome/tools", ".agents/skills"], monotonic=SystemClock().monotonic
    )


def test_the_built_in_tools_are_valid_and_trusted() -> None:
    view = Catalog(BUILT_IN_ROOT, monotonic=SystemClock().monotonic).view()
    assert view.problems == ()
    assert [(tool.tool_id, tool.trusted, tool.origin) for tool in view.tools] == [
        ("codex.exec", True, ToolOrigin.BUILT_IN),
        ("process.run", True, ToolOrigin.BUILT_IN),
        ("repo.commit", True, ToolOrigin.BUILT_IN),
        ("repo.search", True, ToolOrigin.BUILT_IN),
        ("repo.test", True, ToolOrigin.BUILT_IN),
        ("web.read", True, ToolOrigin.BUILT_IN),
    ]


def test_roots_come_in_order_and_the_first_wins(tmp_path: Path, catalog: Catalog, write_tool: WriteTool) -> None:
    write_tool(tmp_path / "builtin/one", {"tool_id": "a"})
    write_tool(tmp_path / "user/one", {"tool_id": "a"})
    write_tool(tmp_path / "user/two", {"tool_id": "b"})
    write_tool(tmp_path / "work/.dome/tools/two", {"tool_id": "b"})
    write_tool(tmp_path / "work/.agents/skills/three", {"tool_id": "c"})
    view = catalog.view(str(tmp_path / "work"))
    assert [(tool.tool_id, tool.origin) for tool in view.tools] == [
        ("a", ToolOrigin.BUILT_IN),
        ("b", ToolOrigin.USER),
        ("c", ToolOrigin.PROJECT),
    ]
    assert [(problem.kind, problem.tool_id, problem.path) for problem in view.problems] == [
        (CatalogProblemKind.COLLISION, "a", f"{tmp_path}/user/one"),
        (CatalogProblemKind.COLLISION, "b", str(tmp_path / "work" / ".dome/tools/two")),
    ]
    assert str(tmp_path / "builtin/one") in view.problems[0].message


def test_within_a_root_the_first_folder_wins(tmp_path: Path, catalog: Catalog, write_tool: WriteTool) -> None:
    write_tool(tmp_path / "user/b")
    write_tool(tmp_path / "user/a")
    view = catalog.view()
    assert view.require("demo.echo").location == tmp_path / "user/a"
    assert [problem.path for problem in view.problems] == [f"{tmp_path}/user/b"]


def test_project_tools_belong_to_their_directory(tmp_path: Path, catalog: Catalog, write_tool: WriteTool) -> None:
    write_tool(tmp_path / "work/.dome/tools/echo")
    assert catalog.view(str(tmp_path / "work")).tool("demo.echo") is not None
    for elsewhere in ("", str(tmp_path), str(tmp_path / "work/.dome"), "work", "/no/such", "/a\0b"):
        assert catalog.view(elsewhere).tools == ()


def test_a_root_that_is_named_twice_collides_with_nothing(tmp_path: Path, write_tool: WriteTool) -> None:
    write_tool(tmp_path / ".agents/skills/echo")
    (tmp_path / "alias").symlink_to(".agents/skills")
    catalog = Catalog(
        tmp_path / "builtin",
        [tmp_path / ".agents/skills", tmp_path / "alias"],
        [".agents/skills"],
        monotonic=SystemClock().monotonic,
    )
    view = catalog.view(str(tmp_path))
    assert [tool.origin for tool in view.tools] == [ToolOrigin.USER]
    assert view.problems == ()


def test_a_bad_manifest_is_reported_and_the_others_work(
    tmp_path: Path, catalog: Catalog, write_tool: WriteTool
) -> None:
    write_tool(tmp_path / "user/bad", {"tool_id": "bad.tool", "version": "one"})
    write_tool(tmp_path / "user/good")
    view = catalog.view()
    assert [tool.tool_id for tool in view.tools] == ["demo.echo"]
    assert [(problem.tool_id, problem.pointers) for problem in view.problems] == [("bad.tool", ["/version"])]


def test_a_root_that_is_no_folder_is_reported(tmp_path: Path, catalog: Catalog) -> None:
    (tmp_path / "user").write_text("a file")
    assert [problem.path for problem in catalog.view().problems] == [f"{tmp_path}/user"]


def test_a_user_tool_is_trusted_by_its_digest_only(tmp_path: Path, write_tool: WriteTool) -> None:
    folder = write_tool(tmp_path / "user/echo")
    plain = (
        Catalog(tmp_path / "builtin", [tmp_path / "user"], monotonic=SystemClock().monotonic)
        .view()
        .require("demo.echo")
    )
    assert not plain.trusted
    trusting = Catalog(
        tmp_path / "builtin", [tmp_path / "user"], trusted_digests={plain.digest}, monotonic=SystemClock().monotonic
    )
    assert trusting.view().require("demo.echo").trusted
    (folder / "run.sh").write_text("rm -rf /\n")
    assert not trusting.view().require("demo.echo").trusted


def test_an_unchanged_catalog_is_the_same_view(tmp_path: Path, catalog: Catalog, write_tool: WriteTool) -> None:
    write_tool(tmp_path / "user/echo")
    write_tool(tmp_path / "user/bad", {"version": "one"})
    first = catalog.view()
    assert all(catalog.view() is first for _ in range(3))


def test_every_edit_is_seen_without_a_restart(tmp_path: Path, catalog: Catalog, write_tool: WriteTool) -> None:
    revisions = [catalog.view().revision]

    def now() -> str:
        view = catalog.view()
        revisions.append(view.revision)
        return " ".join(f"{tool.tool_id}={tool.version}" for tool in view.tools) + "!" * len(view.problems)

    folder = write_tool(tmp_path / "user/echo")
    assert now() == "demo.echo=1.2.3"
    manifest = (folder / "tool.yaml").read_text()
    # As long as before, in place, at once: neither size nor inode nor, on a coarse clock, the times tell.
    (folder / "tool.yaml").write_text(manifest.replace("1.2.3", "1.2.4"))
    assert now() == "demo.echo=1.2.4"
    (folder / "run.sh").write_text("tac\n")
    assert now() == "demo.echo=1.2.4"
    (folder / "input.json").write_text('{"type": "array"}')
    assert now() == "!"
    (folder / "input.json").write_text('{"type": "object"}')
    assert now() == "demo.echo=1.2.4"
    (folder / "run.sh").unlink()
    assert now() == "!"
    write_tool(tmp_path / "user/other", {"tool_id": "other"})
    assert now() == "other=1.2.3!"
    (folder / "tool.yaml").unlink()
    (folder / "tool.yml").write_text("")
    assert now() == "other=1.2.3!"
    (folder / "tool.yml").unlink()
    assert now() == "other=1.2.3"
    assert len(set(revisions)) == len(revisions)


def test_a_link_that_is_turned_elsewhere_is_seen(tmp_path: Path, catalog: Catalog, write_tool: WriteTool) -> None:
    write_tool(tmp_path / "v1", {"version": "1.0.0"})
    write_tool(tmp_path / "v2", {"version": "2.0.0"})
    (tmp_path / "user").mkdir()
    (tmp_path / "user/echo").symlink_to("../v1")
    assert catalog.view().require("demo.echo").version == "1.0.0"
    (tmp_path / "next").symlink_to("../v2")
    os.replace(tmp_path / "next", tmp_path / "user/echo")
    assert catalog.view().require("demo.echo").version == "2.0.0"


def test_the_revision_is_that_of_the_content(tmp_path: Path, write_tool: WriteTool) -> None:
    write_tool(tmp_path / "user/echo")
    one, other = (
        Catalog(tmp_path / "builtin", [tmp_path / "user"], monotonic=SystemClock().monotonic) for _ in range(2)
    )
    assert one.view().revision == other.view().revision


def test_an_unknown_id_is_answered_with_similar_ones(tmp_path: Path, catalog: Catalog, write_tool: WriteTool) -> None:
    write_tool(tmp_path / "user/echo")
    with pytest.raises(SkillNotFound, match=r"Similar: demo\.echo"):
        catalog.view().require("demo.ehco")
    with pytest.raises(SkillNotFound, match=r"There is no tool 'x'\.$"):
        catalog.view().require("x")


def test_an_id_whose_manifest_was_rejected_is_answered_with_why(
    tmp_path: Path, catalog: Catalog, write_tool: WriteTool
) -> None:
    write_tool(tmp_path / "user/echo", {"version": "one"})
    said = r"manifest was rejected: tool\.yaml: it breaks the tool_manifest contract: /version: .*; see `dome tools`\.$"
    for require in (catalog.require, catalog.view().require):
        with pytest.raises(SkillNotFound, match=said):
            require("demo.echo")


def test_python_keeps_compiled_files_out_of_folders_that_came_from_elsewhere(
    tmp_path: Path, write_tool: WriteTool
) -> None:
    write_tool(tmp_path / "builtin/one", {"tool_id": "one"})
    settings = {"set": {"A": "1", "PYTHONPYCACHEPREFIX": "here"}, "from_caller": ["B", "PYTHONPYCACHEPREFIX"]}
    write_tool(tmp_path / "user/two", {"tool_id": "two", "environment": settings})
    view = Catalog(
        tmp_path / "builtin", [tmp_path / "user"], pycache=tmp_path / "pycache", monotonic=SystemClock().monotonic
    ).view()
    assert dict(view.require("one").environment) == {}
    two = view.require("two")
    assert dict(two.environment) == {"A": "1", "PYTHONPYCACHEPREFIX": f"{tmp_path}/pycache"}
    assert two.environment_from_caller == {"B"}


def test_hidden_folders_and_files_of_a_root_are_nobodys_tools(
    tmp_path: Path, catalog: Catalog, write_tool: WriteTool
) -> None:
    write_tool(tmp_path / "user/.hidden")
    write_tool(tmp_path / "user/__pycache__")
    (tmp_path / "user/notes.txt").write_text("")
    view = catalog.view()
    assert (view.tools, view.problems) == ((), ())


def test_a_digest_covers_the_bytes_that_were_read_as_the_manifest(
    tmp_path: Path, catalog: Catalog, write_tool: WriteTool
) -> None:
    tool = catalog_tool(write_tool(tmp_path / "user/echo"), catalog)
    assert sorted(tool.files) == ["input.json", "output.json", "run.sh", "tool.yaml"]
    for name, file in tool.files.items():
        data = (tmp_path / "user/echo" / name).read_bytes()
        assert (file.digest, file.size_bytes) == (digest_bytes(data), len(data))


def catalog_tool(folder: Path, catalog: Catalog) -> Tool:
    return next(tool for tool in catalog.view().tools if tool.location == folder)
