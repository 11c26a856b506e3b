"""What an installation of the service does and did, as text and as JSON."""

from typing import TYPE_CHECKING, Any

from dome_client.cli.render.words import printable

if TYPE_CHECKING:
    from dome_client.service import Installation, UnitFile


def file_text(file: "UnitFile") -> str:
    """Path and text of a file, as `systemctl cat` shows them."""
    return f"# {printable(str(file.path))}\n{file.text}"


def file_document(file: "UnitFile") -> dict[str, Any]:
    """The same as one JSON object."""
    return {"path": str(file.path), "text": file.text}


def text(done: "Installation") -> str:
    """What was done, a sentence a line."""
    return "\n".join(printable(step) for step in done.steps)


def document(done: "Installation") -> dict[str, Any]:
    """The same as one JSON object."""
    return {"files": [str(path) for path in done.files], "steps": list(done.steps)}
