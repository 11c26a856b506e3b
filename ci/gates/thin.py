"""The gate on the client's environment: it starts with what its own lock names, and loads nothing heavy."""

import importlib.metadata
import re
import sys
import sysconfig
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from ci.gates.finding import Finding
from ci.gates.program import ask

LOCK: Final = "requirements/client.lock"
OWN: Final = ("generated/src", "packages/dome-client/src")
OWN_DISTRIBUTIONS: Final = ("dome-contracts", "dome-client")
HEAVY: Final = ("google.protobuf", "pydantic", "sqlite3")
SDK: Final = "import dome_client; [getattr(dome_client, name) for name in dome_client.__all__]"
HELP: Final = "import sys; from dome_client.cli.main import main; sys.argv = ['dome', '--help']; main()"
PROBE: Final = """
import atexit, sys
atexit.register(lambda: print("loaded:", *sorted(set({heavy!r}) & set(sys.modules)), file=sys.stderr))
sys.path[:] = {path!r}
{code}
"""
REMEDY: Final = "Import it where it is needed, or leave it to an extra: the client starts in a moment."


def check(tree: Path) -> list[Finding]:
    """Whether the SDK and `dome --help` work with the locked packages alone, without loading what is heavy."""
    with TemporaryDirectory(prefix="dome-thin-") as scratch:
        folder = Path(scratch)
        for name in (*locked(tree / LOCK), *OWN_DISTRIBUTIONS):
            _link(name, folder)
        path = [*_standard_library(), *(str(tree / own) for own in OWN), str(folder)]
        sdk, command = _run(tree, path, SDK), _run(tree, path, HELP)
    return [*_judge("import dome_client", sdk), *_judge("dome --help", command)]


def locked(lock: Path) -> list[str]:
    """The names in a lock."""
    return re.findall(r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==", lock.read_text(encoding="utf-8"), re.MULTILINE)


def _link(name: str, folder: Path) -> None:
    """Put an installed distribution, with its metadata, into the folder; one that this machine lacks is left out."""
    try:
        files = importlib.metadata.files(name) or []
    except importlib.metadata.PackageNotFoundError:
        return
    for top in sorted({file.parts[0] for file in files} - {"..", "__pycache__"}):
        if not top.endswith(".pth") and not (folder / top).exists():
            (folder / top).symlink_to(Path(str(files[0].locate())).parents[len(files[0].parts) - 1] / top)


def _standard_library() -> list[str]:
    names = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))
    return [*dict.fromkeys(names), str(Path(names[0]) / "lib-dynload")]


def _run(tree: Path, path: list[str], code: str) -> tuple[int, str]:
    probe = PROBE.format(heavy=HEAVY, path=path, code=code)
    home = {"HOME": path[-1], "XDG_CACHE_HOME": path[-1]}
    answer = ask([sys.executable, "-I", "-S", "-c", probe], tree, environment=home)
    return answer.code, answer.err


def _judge(what: str, ended: tuple[int, str]) -> list[Finding]:
    code, said = ended
    loaded = re.findall(r"^loaded: (.+)$", said, re.MULTILINE)
    if loaded:
        return [Finding(what, f"loads {loaded[0]}", REMEDY)]
    if code:
        reason = [line for line in said.splitlines() if line and not line.startswith("loaded:")][-1:]
        return [Finding(what, f"fails with the packages of {LOCK} alone: {' '.join(reason)}", REMEDY)]
    return []
