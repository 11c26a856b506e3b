"""What the daemon is told when it starts, from the environment and `domed.toml`."""

from domed.config.config import Config
from domed.config.fault import ConfigError
from domed.config.retention import RetentionLimits

__all__ = ("Config", "ConfigError", "RetentionLimits")
