"""Where the contracts of a repository lie. Reads nothing of them."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of contracts below the root of a repository."""

    root: Path

    @classmethod
    def find(cls, start: Path) -> "Layout":
        """The closest directory above that has contracts; else the one with `.git`; else `start` itself."""
        above = (start.resolve(), *start.resolve().parents)
        for mark in ("contracts/jsonschema", "contracts/baseline", ".git"):
            for directory in above:
                if (directory / mark).exists():
                    return cls(directory)
        return cls(start.resolve())

    @property
    def contracts(self) -> Path:
        """The single source of truth."""
        return self.root / "contracts"

    @property
    def schemas(self) -> Path:
        """One file for each family: `<context>/v1/<family>.json`."""
        return self.contracts / "jsonschema"

    @property
    def examples(self) -> Path:
        """Documents that a family accepts, and others that it refuses."""
        return self.contracts / "examples"

    @property
    def baseline(self) -> Path:
        """What was blessed last, and below it what was released."""
        return self.contracts / "baseline"

    @property
    def blessings(self) -> Path:
        """The history of the baseline."""
        return self.baseline / "blessings.yaml"

    @property
    def registry(self) -> Path:
        """One row for each family."""
        return self.contracts / "families.yaml"

    @property
    def reasons(self) -> Path:
        """The reason catalogue."""
        return self.contracts / "reasons.yaml"

    @property
    def pins(self) -> Path:
        """One folder for each bundle that another repository owns."""
        return self.contracts / "pins"

    @property
    def migrations(self) -> Path:
        """One page for each pinned bundle: what its updates ask of consumers."""
        return self.root / "docs" / "migrations"

    @property
    def descriptors(self) -> Path:
        """The descriptor set of the protos, as it was generated."""
        return self.root / "generated" / "src" / "dome_contracts" / "descriptors.binpb"

    @property
    def decisions(self) -> Path:
        """One page for each architecture decision."""
        return self.root / "docs" / "adr"

    @property
    def changelog(self) -> Path:
        """What users notice."""
        return self.root / "CHANGELOG.md"

    def blessed_schemas(self, release: str = "") -> Path:
        """The blessed schemas: the last ones, or those of a release."""
        return self.baseline / release / "jsonschema"

    def releases(self) -> list[str]:
        """The releases that keep a baseline of their own, ordered by name."""
        if not self.baseline.is_dir():
            return []
        return sorted(each.name for each in self.baseline.iterdir() if (each / "jsonschema").is_dir())
