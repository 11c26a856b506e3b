"""Programs that built-in tools start, as the daemon would find them."""

import shutil
from collections.abc import Iterator

from dome_client.doctor.finding import Finding, warning, well
from dome_client.doctor.scene import Scene, daemon_package
from dome_client.service import DAEMON_PATH

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome-headless-shell")


def git(_: Scene) -> Iterator[Finding]:
    """For `repo.search`, `repo.commit` and the record of every job in a repository."""
    found = shutil.which("git", path=DAEMON_PATH)
    if found is not None:
        yield well(found)
        return
    yield warning(
        f"no git in {DAEMON_PATH}",
        why="`repo.search` and `repo.commit` fail, and no record says whether the working tree was changed.",
        repair="Install git for the whole system (`apt install git`, `dnf install git`).",
    )


def chromium(_: Scene) -> Iterator[Finding]:
    """For `web.read`, where that is among the tools."""
    if not _is_shipped("web_read"):
        return
    found = next((path for name in CHROMIUM if (path := shutil.which(name, path=DAEMON_PATH)) is not None), None)
    if found is not None:
        yield well(found)
        return
    yield warning(
        f"none of {', '.join(CHROMIUM)} in {DAEMON_PATH}",
        why="`web.read` refuses to run, unless CHROME_PATH names a browser.",
        repair="Install it (`apt install chromium`, `dnf install chromium`), or leave `web.read` alone.",
    )


def codex(scene: Scene) -> Iterator[Finding]:
    """For `codex.exec`, where that is among the tools."""
    if not _is_shipped("codex_exec"):
        return
    own = f"{scene.environ.get('HOME', '')}/.local/bin"
    found = shutil.which("codex", path=f"{DAEMON_PATH}:{own}")
    if found is not None:
        yield well(found)
        return
    yield warning(
        f"no codex in {DAEMON_PATH}:{own}",
        why="`codex.exec` refuses to run, unless CODEX_PATH names the program.",
        repair=f"Install codex for the whole system, link it into {own}, or leave `codex.exec` alone.",
    )


def pytest(scene: Scene) -> Iterator[Finding]:
    """For `repo.test` in this directory, where that has an environment of its own."""
    environment = scene.directory / ".venv"
    if not (environment / "bin" / "python").exists():
        return
    if any(environment.glob("lib/python*/site-packages/pytest/__init__.py")):
        yield well(f"{environment} has it")
        return
    yield warning(
        f"{environment} lacks it",
        why="`repo.test` runs the tests of a repository with the repository's own pytest.",
        repair=f"`{environment / 'bin' / 'python'} -m pip install pytest`, or name another interpreter in the input.",
    )


def _is_shipped(folder: str) -> bool:
    package = daemon_package()
    return package is not None and (package / "tools" / folder / "tool.yaml").exists()
