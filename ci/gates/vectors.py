"""The gate on `contracts/vectors`: each file is held by a test, and the code gives what it fixes for every language."""

import re
from pathlib import Path
from typing import Final

from ci.gates.finding import Finding, GateFailed
from ci.gates.program import ask, python
from ci.gates.reading import all_json

FOLDER: Final = "contracts/vectors"
TESTS: Final = "tests/contract"
FAILED: Final = re.compile(r"^(?:FAILED|ERROR) (?P<test>\S+?)(?:::(?P<case>.+?))?(?: - (?P<why>.*))?$", re.MULTILINE)
REMEDY: Final = "Put the vector back, and mend the code; another form is another file."


def check(tree: Path) -> list[Finding]:
    """Vectors that no test reads, and code that gives something else than a vector says."""
    tests = {path: path.read_text(encoding="utf-8") for path in sorted((tree / TESTS).glob("test_*.py"))}
    held: set[str] = set()
    found: list[Finding] = []
    for path in all_json(tree, FOLDER):
        readers = [test for test, text in tests.items() if _reads(text, path.stem)]
        held |= {test.relative_to(tree).as_posix() for test in readers}
        if not readers:
            place = path.relative_to(tree).as_posix()
            found.append(Finding(place, "no test reads it", f"Add one to {TESTS} that gives each case to the code."))
    return [*found, *(_failures(tree, sorted(held)) if held else ())]


def _reads(text: str, name: str) -> bool:
    """Whether a test names the file, in whole or as what its `vectors` takes."""
    return "vectors" in text and any(each in text for each in (f"{name}.json", f'vectors("{name}")'))


def _failures(tree: Path, tests: list[str]) -> list[Finding]:
    quiet = ("-q", "--tb=no", "-rfE", "-p", "no:cacheprovider", "-p", "no:randomly")
    answer = ask(python("-m", "pytest", *quiet, *tests), tree)
    failed = [
        Finding(each["test"], f"{each['case'] or 'it'} fails: {each['why'] or 'see the test'}", REMEDY)
        for each in FAILED.finditer(answer.out)
    ]
    if answer.code and not failed:
        raise GateFailed((answer.out or answer.err).strip().splitlines()[-1])
    return failed
