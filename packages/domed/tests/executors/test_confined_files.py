"""Files that a tool did not declare, the kernel refuses: each mechanism, as root and as an ordinary user."""

import os

from packages.domed.tests.executors.confined_place import BY_VIEW, DECLARED, ENFORCED, TRY, Place, outcomes


class TestFiles:
    def test_a_tool_that_declares_to_read_writes_in_its_scratch_directory_only(self, place: Place) -> None:
        told = place.run(
            TRY
            + f"""
attempt("read", lambda: open("file").read())
attempt("overwrite", lambda: open("file", "a").write("x"))
attempt("truncate", lambda: os.truncate("file", 0))
attempt("create", lambda: open("new", "w"))
attempt("home", lambda: open({str(place.root / "home" / "new")!r}, "w"))
attempt("tmp", lambda: open("/tmp/domed-confined-stray", "w"))
attempt("remove", lambda: os.remove("file"))
attempt("rename", lambda: os.rename("file", "moved"))
attempt("link", lambda: os.link("file", os.environ["DOME_SCRATCH"] + "/linked"))
attempt("null", lambda: open("/dev/null", "w").write("x"))
attempt("scratch", lambda: open(os.environ["DOME_SCRATCH"] + "/mine", "w").write("x"))
attempt("folder", lambda: os.makedirs(os.environ["DOME_SCRATCH"] + "/a/b"))
attempt("move", lambda: os.rename(os.environ["DOME_SCRATCH"] + "/mine", os.environ["DOME_SCRATCH"] + "/a/b/mine"))
attempt("temporary", lambda: tempfile.TemporaryFile())
"""
        )
        allowed = {"read", "null", "scratch", "folder", "move", "temporary"}
        assert {name for name, how in outcomes(told).items() if how == "done"} == allowed
        assert (place.work / "file").read_text() == "text"
        assert sorted(os.listdir(place.work)) == ["file"]
        assert (place.scratch / "a" / "b" / "mine").read_text() == "x"

    def test_what_landlock_alone_cannot_hold_back_a_view_does(self, place: Place) -> None:
        told = place.run(TRY + "attempt('mode', lambda: os.chmod('file', 0o777))\n")
        held = place.mechanism in BY_VIEW
        assert outcomes(told) == {"mode": "refused" if held else "done"}
        assert told["filesystem"] == (ENFORCED if held else DECLARED)

    def test_a_tool_that_declares_nothing_reads_no_key(self, place: Place) -> None:
        told = place.run(
            TRY
            + f"""
from dome_contracts import tool
attempt("key", lambda: open({str(place.root / "home" / "key")!r}).read())
attempt("directory", lambda: os.listdir({str(place.root / "home")!r}))
attempt("work", lambda: open({str(place.work / "file")!r}).read())
attempt("own folder", lambda: open({str(place.root / "tool" / "part.sh")!r}).read())
attempt("scratch", lambda: open(os.environ["DOME_SCRATCH"] + "/mine", "w").write("x"))
attempt("another process", lambda: open("/proc/1/environ").read())
""",
            filesystem="none",
        )
        assert {name for name, how in outcomes(told).items() if how == "done"} == {"own folder", "scratch"}
        assert told["filesystem"] == (ENFORCED if place.mechanism in BY_VIEW else DECLARED)

    def test_a_refused_write_is_the_tools_failure_and_said_in_its_output(self, place: Place) -> None:
        told = place.run(script="echo x > new")
        assert told["end"].startswith("Exited(exit_code=2") or told["end"].startswith("Exited(exit_code=1")
        assert "Read-only" in told["stderr"] or "denied" in told["stderr"]
