"""Sets up the development environment in `.venv`; called by `./just` when its key differs from the stamp.

Runs on a bare Python with nothing installed, so it stands on the standard library and on no other module of this
repository. Installs only what the hash-pinned locks name, and only inside the repository. Knows no recipes.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
TOOLS = ROOT / ".tools"
STAMP = VENV / ".set-up"
DEV_LOCK = ROOT / "requirements" / "dev.lock"
BOOTSTRAP_LOCK = ROOT / "requirements" / "bootstrap.lock"
MEMBERS = ("generated", "packages/domed", "packages/dome-spec", "packages/dome-client")


class SetUpFailed(Exception):
    """A step did not work; the message says what, why and what to do next."""


def say(message: str) -> None:
    """Tell the person at the terminal; standard output belongs to the recipe."""
    print(f"just: {message}", file=sys.stderr, flush=True)


def run(*command: str | Path, what: str, remedy: str) -> None:
    """Run one step; its output is shown only when it fails."""
    environment = {
        **os.environ,
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_NO_PROGRESS": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_REQUIRE_VIRTUALENV": "0",
    }
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONHOME", "PYTHONPATH"):
        environment.pop(name, None)
    result = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if result.returncode != 0:
        raise SetUpFailed(f"{what} failed:\n{result.stdout.rstrip()}\njust: {remedy}")


def pinned_uv() -> str:
    """The version of uv that the bootstrap lock names."""
    found = re.search(r"^uv==([0-9.]+)", BOOTSTRAP_LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise SetUpFailed(f"{BOOTSTRAP_LOCK} names no uv.\njust: Restore it with git.")
    return found.group(1)


def is_uv(path: Path | str, version: str) -> bool:
    """Whether this program is uv in exactly this version."""
    try:
        answer = subprocess.run([str(path), "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return answer.stdout.split()[:2] == ["uv", version]


def find_uv() -> Path:
    """Uv in the pinned version: the machine's own, else one in `.tools`, installed on first use."""
    version = pinned_uv()
    private = TOOLS / f"uv-{version}" / "bin" / "uv"
    on_path = shutil.which("uv")
    if on_path and is_uv(on_path, version):
        return Path(on_path)
    if is_uv(private, version):
        return private
    if subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False).returncode != 0:
        raise SetUpFailed(
            f"{sys.executable} has no pip, and uv {version} is not on PATH.\n"
            "just: Install pip (Debian: apt install python3-pip) or uv, or point DOME_PYTHON at a Python with pip."
        )
    say(f"installing uv {version} into {private.parent.parent.relative_to(ROOT)}")
    partial = TOOLS / "uv.partial"
    shutil.rmtree(partial, ignore_errors=True)
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-user", "--no-deps", "--require-hashes")
    run(
        *(*pip, "--only-binary", ":all:", "--target", partial, "-r", BOOTSTRAP_LOCK),
        what="Installing uv with pip",
        remedy="If the download failed, check the network (or pip's index and proxy settings); then run again.",
    )
    shutil.rmtree(private.parent.parent, ignore_errors=True)
    partial.rename(private.parent.parent)
    return private


def is_whole() -> bool:
    """Whether `.venv` still has what `./just` starts; an interpreter that was removed leaves a broken link."""
    return (VENV / "bin" / "python").exists() and (VENV / "bin" / "just").exists()


def make_environment(uv: Path, key: str) -> None:
    """Bring `.venv` to what the key describes. The stamp comes last: an interrupted set-up is done again."""
    stamp = STAMP.read_text(encoding="utf-8") if STAMP.exists() else ""
    place_and_interpreter = key.splitlines()[:2]
    STAMP.unlink(missing_ok=True)
    if stamp.splitlines()[:2] != place_and_interpreter or not is_whole():
        run(
            *(uv, "venv", "--quiet", "--clear", "--no-project", "--python", sys.executable, VENV),
            what=f"Making .venv with {sys.executable}",
            remedy="Remove .venv and run again, or choose another Python with DOME_PYTHON.",
        )
    say("installing what requirements/dev.lock names into .venv")
    into_venv: tuple[str | Path, ...] = ("--quiet", "--python", VENV / "bin" / "python")
    run(
        *(uv, "pip", "sync", *into_venv, "--require-hashes", DEV_LOCK),
        what="Installing the locked packages",
        remedy="If a download failed, check the network (or uv's index and proxy settings); then run again.",
    )
    present = [member for member in MEMBERS if (ROOT / member / "pyproject.toml").exists()]
    for member in sorted({*MEMBERS} - {*present}):
        say(f"{member} is missing: its imports will fail. `./just gen` writes generated/, git restores the others.")
    editable = [part for member in present for part in ("--editable", f"./{member}")]
    # The sync took the members out, so they come back at once: byte code for everything is compiled only here.
    alone = ("--no-deps", "--no-build-isolation", "--no-sources", "--offline", "--compile-bytecode")
    run(
        *(uv, "pip", "install", *into_venv, *alone, *editable),
        what="Installing the packages of this repository",
        remedy="A pyproject.toml of a package is probably at fault; the message above names it.",
    )
    partial = STAMP.with_suffix(".partial")
    partial.write_text(key, encoding="utf-8")
    partial.rename(STAMP)


def main() -> int:
    """Set up once, however many runs ask at the same time; the key comes on standard input."""
    key = sys.stdin.read()
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_whole() and STAMP.exists() and STAMP.read_text(encoding="utf-8") == key:
            return 0
        try:
            make_environment(find_uv(), key)
        except SetUpFailed as failure:
            say(str(failure))
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
