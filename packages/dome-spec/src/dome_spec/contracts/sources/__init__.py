"""Where schemas come from: files, directories, commits of any repository, and what was blessed."""

from dome_spec.contracts.sources.beside import read_file, read_folder
from dome_spec.contracts.sources.errors import SourceEmpty, SourceError, SourceNotFound, SourceRefused, SourceTooLarge
from dome_spec.contracts.sources.load import load, load_baseline
from dome_spec.contracts.sources.location import is_baseline, locate
from dome_spec.contracts.sources.reading import Progress, silent
from dome_spec.contracts.sources.references import closure, resources, used_parts
from dome_spec.contracts.sources.schema_set import Problem, SchemaSet, annotation, document_digest, identity

__all__ = [
    "Problem",
    "Progress",
    "SchemaSet",
    "SourceEmpty",
    "SourceError",
    "SourceNotFound",
    "SourceRefused",
    "SourceTooLarge",
    "annotation",
    "closure",
    "document_digest",
    "identity",
    "is_baseline",
    "load",
    "load_baseline",
    "locate",
    "read_file",
    "read_folder",
    "resources",
    "silent",
    "used_parts",
]
