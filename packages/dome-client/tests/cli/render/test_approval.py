from datetime import UTC, datetime

from dome_client.cli.render import approval
from dome_contracts.runtime import v1

SUMMARY = v1.ToolSummary(
    tool_id="a.tool", version="1.2.3", title="A \x1b[2Ktitle", tool_digest="sha256:d", origin=v1.ToolOrigin.PROJECT
)
DESCRIPTOR = v1.ToolDescriptor(
    summary=SUMMARY,
    command=["/bin/sh", "-c", "echo 'two words'"],
    arguments_from="/argv",
    effects=v1.ToolEffects(filesystem=v1.FilesystemEffect.WRITE, network=v1.NetworkEffect.ANY, starts_processes=True),
    permissions=[v1.Permission.FILESYSTEM_WRITE, v1.Permission.NETWORK],
    locks=["port"],
    files=[v1.ToolFile(path="run\n.sh", digest="sha256:f", size_bytes=7)],
)


def test_everything_that_an_approval_lets_happen_is_shown() -> None:
    lines = approval.subject(DESCRIPTOR).splitlines()
    rows = {line.split("  ")[0]: line for line in lines}
    assert rows["digest"].endswith("sha256:d")
    assert rows["effects"].endswith("filesystem WRITE, network ANY, starts other programs")
    assert rows["permissions"].endswith("FILESYSTEM_WRITE, NETWORK")
    assert rows["locks"].endswith("port")
    words = [line.removeprefix("runs").strip() for line in lines if line.endswith(("'", '"'))]
    assert words == ["'/bin/sh'", "'-c'", "\"echo 'two words'\""]
    assert any("the words at /argv of the input" in line for line in lines)
    assert lines[-1] == "  run\\x0a.sh  7 bytes  sha256:f"


def test_a_tools_words_cannot_steer_the_terminal() -> None:
    assert "\x1b" not in approval.subject(DESCRIPTOR)


def test_many_files_are_counted() -> None:
    files = [v1.ToolFile(path=f"f{number}", digest="sha256:f") for number in range(approval.FILES_SHOWN_MAX + 3)]
    shown = approval.subject(v1.ToolDescriptor(summary=SUMMARY, files=files)).splitlines()
    assert shown[-1] == "  and 3 more; `dome tool a.tool --json` has them all"


def test_an_approval_is_a_line_with_its_place() -> None:
    found = v1.ToolApproval(
        root="/repo/.dome/tools",
        tool_id="a.tool",
        tool_digest="sha256:d",
        approve_time=datetime(2020, 1, 1, tzinfo=UTC),
    )
    header, line = approval.table([found]).splitlines()
    assert header.split() == ["TOOL", "APPROVED", "DIGEST", "IN"]
    assert line.split() == ["a.tool", "2020-01-01", "00:00:00Z", "sha256:d", "/repo/.dome/tools"]


def test_why_a_tool_still_runs_is_said() -> None:
    shipped = v1.ToolSummary(tool_id="a.tool", origin=v1.ToolOrigin.BUILT_IN)
    assert approval.still_trusted(shipped) == "a.tool can still be run: it was shipped with the daemon."
    assert "trust.digests" in approval.still_trusted(SUMMARY)


def test_where_a_tool_writes_and_that_it_must_be_held_is_shown() -> None:
    def effects(*writes: str, required: bool = False) -> str:
        declared = v1.ToolEffects(
            filesystem=v1.FilesystemEffect.WRITE,
            network=v1.NetworkEffect.NONE,
            writes_listed=True,
            writes=list(writes),
            enforcement_required=required,
        )
        lines = approval.subject(v1.ToolDescriptor(summary=SUMMARY, effects=declared)).splitlines()
        return next(line for line in lines if line.startswith("effects")).removeprefix("effects").strip()

    assert effects() == "filesystem WRITE (only scratch), network NONE, starts no other program"
    assert effects("build/", "a, b", required=True) == (
        "filesystem WRITE (only 'build/', 'a, b' and scratch), network NONE, starts no other program; "
        "refused where that is not held"
    )
