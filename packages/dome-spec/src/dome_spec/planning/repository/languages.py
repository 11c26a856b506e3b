"""Which language a file is written in, by the end of its name."""

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

_ENDS: Final = MappingProxyType(
    {
        "asciidoc": ("adoc", "asciidoc"),
        "c": ("c", "h"),
        "c++": ("cc", "cpp", "cxx", "hpp"),
        "css": ("css", "scss"),
        "go": ("go",),
        "html": ("html",),
        "java": ("java",),
        "javascript": ("cjs", "js", "jsx", "mjs"),
        "kotlin": ("kt", "kts"),
        "markdown": ("markdown", "md"),
        "protobuf": ("proto",),
        "python": ("py", "pyi"),
        "restructuredtext": ("rst",),
        "ruby": ("rb",),
        "rust": ("rs",),
        "shell": ("bash", "sh"),
        "sql": ("sql",),
        "typescript": ("cts", "mts", "ts", "tsx"),
    }
)
DOCUMENTS: Final = frozenset({"asciidoc", "markdown", "restructuredtext"})
"""Languages of text for people."""
_BY_END: Final = {end: name for name, ends in _ENDS.items() for end in ends}


def language_of(path: str) -> str | None:
    """The language of a file; None where its name does not say."""
    name = path.rpartition("/")[2]
    return _BY_END.get(name.rpartition(".")[2].lower()) if "." in name else None


def globs_of(languages: Iterable[str]) -> list[str]:
    """Patterns of the names of files in these languages."""
    return sorted(f"*.{end}" for name in languages for end in _ENDS.get(name, ()))
