"""The order of generation: contracts in, the whole of `generated/` out, as a value."""

from pathlib import Path
from tempfile import TemporaryDirectory

from ci.gen import families, package, proto, reasons, schemas, wire_table
from ci.gen.process import run
from ci.gen.tree import PACKAGE, Tree, merge, read, write


def build(root: Path) -> Tree:
    """Everything that belongs into `generated/`. The same sources give the same bytes, on every Python."""
    with TemporaryDirectory(prefix="dome-gen-") as scratch:
        stubs = proto.generate(root, Path(scratch))
        modules = merge(
            stubs,
            schemas.generate(root, Path(scratch)),
            reasons.generate(root, stubs[f"{PACKAGE}/descriptors.binpb"]),
            wire_table.generate(stubs[f"{PACKAGE}/descriptors.binpb"]),
            families.generate(root),
        )
        return _formatted(merge(modules, package.generate(root, modules)), Path(scratch) / "tree")


def _formatted(tree: Tree, folder: Path) -> Tree:
    """One layout for all modules, whichever step wrote them."""
    write(tree, folder)
    run(["ruff", "check", "--quiet", "--select", "I", "--fix", str(folder)], folder=folder.parent)
    run(["ruff", "format", "--quiet", str(folder)], folder=folder.parent)
    return read(folder)
