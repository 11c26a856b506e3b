"""The door of the memory for documents: what is valid becomes facts, what is not is put aside with its faults."""

from dome_spec.binding.wrapper.accept import accept
from dome_spec.binding.wrapper.answers import Accepted, Quarantined, quarantine, released
from dome_spec.binding.wrapper.door import Door, Taken
from dome_spec.binding.wrapper.finding import FilesBeside, Finder, Nowhere
from dome_spec.binding.wrapper.lines import LINE_BYTES_MAX, Line, read_lines
from dome_spec.binding.wrapper.recognition import DOORS

__all__ = [
    "DOORS",
    "LINE_BYTES_MAX",
    "Accepted",
    "Door",
    "FilesBeside",
    "Finder",
    "Line",
    "Nowhere",
    "Quarantined",
    "Taken",
    "accept",
    "quarantine",
    "read_lines",
    "released",
]
