"""Missions carried elsewhere and brought here: lines of JSON, and the log of another project."""

from dome_spec.missions.exchange.jsonl import LogUnreadable, MissionLog, export, read_log, take_in
from dome_spec.missions.exchange.upstream import Import, LineRefused, import_upstream

__all__ = ["Import", "LineRefused", "LogUnreadable", "MissionLog", "export", "import_upstream", "read_log", "take_in"]
